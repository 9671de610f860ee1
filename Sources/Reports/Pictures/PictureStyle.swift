/// How pictures look: the colours of Okabe & Ito (2008), which the colour-blind tell apart, on paper and on a dark
/// screen. Nothing is said by colour alone: shapes, dashes, fills and words say it too.
enum PictureStyle {
    /// For a page that holds pictures, and inside a picture that stands alone.
    static let css = """
        .pic{color:var(--ink);font:13px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;display:block;width:100%;height:auto;\
        --better:#00795c;--worse:#c04a00;--series:#0072b2;--ink:#1b1d21;--paper:#fff}\
        .pic text{fill:currentColor;paint-order:stroke;stroke:var(--paper);stroke-width:3px;stroke-linejoin:round}.pic .small{font-size:11.5px}.pic .soft{fill-opacity:.78}.pic .strong{font-weight:600}\
        .pic .grid{stroke:currentColor;stroke-opacity:.16}.pic .axis{stroke:currentColor;stroke-opacity:.7;stroke-width:1.5}\
        .pic .rope{fill:currentColor;fill-opacity:.08}.pic .line{fill:none;stroke:var(--series);stroke-width:2}\
        .pic .dash{stroke-dasharray:5 4}.pic .dots{stroke-dasharray:1.5 3}.pic .area{fill:var(--series);fill-opacity:.2}\
        .pic .half{fill:var(--series);fill-opacity:.45}.pic .fill{fill:var(--series)}.pic .hollow{fill:var(--paper);stroke:var(--series);stroke-width:2}\
        .pic .better{--series:var(--better)}.pic .worse{--series:var(--worse)}.pic .plain{--series:currentColor}\
        .pic text.on{fill:var(--paper);stroke:none}.pic text.bare{stroke:none}.pic .area.worse{fill-opacity:.45}\
        \(variants)\
        @media(prefers-color-scheme:dark){.pic{--better:#2fc79c;--worse:#ff8f4d;--series:#56b4e9;--ink:#e8eaed;--paper:#16181c}}\
        @media print{.pic{--better:#00795c;--worse:#c04a00;--series:#0072b2;--ink:#000;--paper:#fff}}
        """

    private static let variants = """
        .pic .v0{fill:#0072b2}.pic .v1{fill:#f0e442}.pic .v2{fill:#d55e00}\
        .pic .v3{fill:#56b4e9}.pic .v4{fill:#009e73}.pic .v5{fill:#cc79a7}
        """

    /// A picture that stands alone brings its paper.
    static let standalone = css + ".pic{background:var(--paper)}"

    /// The same on white, without variables and without a choice of scheme: for renderers that are no browsers.
    static let flat: String = {
        var css = """
            .pic{color:#1b1d21;font:13px "DejaVu Sans",sans-serif}\
            .pic text{fill:#1b1d21;paint-order:stroke;stroke:#fff;stroke-width:3px;stroke-linejoin:round}\
            .pic .small{font-size:11.5px}.pic .soft{fill-opacity:.78}.pic .strong{font-weight:600}\
            .pic .grid{stroke:#1b1d21;stroke-opacity:.16}.pic .axis{stroke:#1b1d21;stroke-opacity:.7;stroke-width:1.5}\
            .pic .rope{fill:#1b1d21;fill-opacity:.08}.pic .line{fill:none;stroke-width:2}\
            .pic .dash{stroke-dasharray:5 4}.pic .dots{stroke-dasharray:1.5 3}.pic .area{fill-opacity:.2}\
            .pic .half{fill:#0072b2;fill-opacity:.45}\
            .pic .hollow{fill:#fff;stroke-width:2}\
            .pic text.on{fill:#fff;stroke:none}.pic text.bare{stroke:none}.pic .area.worse{fill-opacity:.45}\
            \(variants)
            """
        for (name, color) in [
            ("", "#0072b2"), (".better", "#00795c"), (".worse", "#c04a00"), (".plain", "#1b1d21"),
        ] {
            css +=
                ".pic .line\(name),.pic .hollow\(name){stroke:\(color)}.pic .area\(name),.pic .fill\(name){fill:\(color)}"
        }
        return css
    }()
}
