/// How a report's page looks: on a phone, on a wide screen, in the dark, and on paper.
enum PageStyle {
    static let css = page + PictureStyle.css

    private static let page = """
        :root{color-scheme:light dark;--ink:#1b1d21;--soft:#50555e;--paper:#fff;--card:#f4f5f7;--rule:#c9cdd3;--tone:#50555e}\
        @media(prefers-color-scheme:dark){:root{--ink:#e8eaed;--soft:#a9b0ba;--paper:#16181c;--card:#1f2228;--rule:#3c424c;--tone:#a9b0ba}}\
        *{box-sizing:border-box}body{font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;margin:0;color:var(--ink);background:var(--paper)}\
        main{max-width:74rem;margin:0 auto;padding:1rem}h1{font-size:1.35rem;line-height:1.25;margin:.25rem 0;overflow-wrap:anywhere}\
        h2{font-size:1.1rem;margin:1.75rem 0 .5rem}.meta{color:var(--soft);font-size:.9rem;margin:0 0 .75rem}\
        .advice{--tone:var(--soft);border-left:.4rem solid var(--tone);background:var(--card);padding:.75rem 1rem;border-radius:.25rem}\
        .badge{font-weight:700;color:var(--tone);margin:0;font-size:.95rem}\
        .say{font-size:1.25rem;line-height:1.35;margin:.15rem 0 .75rem;font-weight:600;overflow-wrap:anywhere}\
        .ship{--tone:#0a7350}.stop{--tone:#b3261e}.inconclusive{--tone:#8f5600}.continue{--tone:#005f99}\
        @media(prefers-color-scheme:dark){.ship{--tone:#4cc79b}.stop{--tone:#ff8a80}.inconclusive{--tone:#ffb95c}.continue{--tone:#7cc4f5}}\
        dl{display:grid;gap:.6rem 1.5rem;margin:0}dt{font-size:.85rem;color:var(--soft);font-weight:600}dd{margin:0;font-size:.95rem;overflow-wrap:anywhere}\
        .warnings{border-left:.4rem solid #b26a00;padding:.1rem 1rem;margin-top:1rem}.warnings h2{margin:.5rem 0 .25rem}\
        ul{margin:.35rem 0;padding-left:1.1rem}li{font-size:.9rem;overflow-wrap:anywhere}\
        .pictures{display:grid;gap:1.5rem 2rem;grid-template-columns:minmax(0,1fr)}\
        figure{margin:0;min-width:0;max-width:34rem}figcaption{font-weight:600;line-height:1.3;margin-bottom:.4rem;overflow-wrap:anywhere}\
        summary{font-size:.9rem;color:var(--soft);cursor:pointer;padding:.35rem 0}.more>summary{font-weight:600;color:var(--ink)}\
        .scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:.9rem;margin:.25rem 0 .75rem}\
        caption{text-align:left;font-weight:600;padding:.35rem 0;position:sticky;left:0}th,td{padding:.3rem .5rem;text-align:right;vertical-align:top}\
        .scroll{position:relative}.heard{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}\
        th:first-child{text-align:left}td{white-space:nowrap}.range{white-space:normal}tbody th{font-weight:500;overflow-wrap:anywhere;min-width:6rem}th:first-child{position:sticky;left:0;background:var(--paper)}.scroll:focus-visible,summary:focus-visible{outline:2px solid #0072b2;outline-offset:2px}thead th{border-bottom:1px solid var(--rule);font-weight:500;color:var(--soft);vertical-align:bottom}\
        tbody tr+tr>*{border-top:1px solid color-mix(in srgb,var(--rule) 45%,transparent)}\
        footer{margin-top:1.75rem;font-size:.85rem;color:var(--soft);border-top:1px solid var(--rule)}footer code{overflow-wrap:anywhere}footer p{margin:.4rem 0;max-width:60rem}\
        @media(min-width:46rem){main{padding:1.5rem 2rem}.advice dl{grid-template-columns:repeat(auto-fit,minmax(14rem,1fr))}.pictures{grid-template-columns:repeat(2,minmax(0,1fr))}.say{font-size:1.45rem}}\
        @media(min-width:70rem){.pictures{grid-template-columns:repeat(3,minmax(0,1fr))}}\
        @page{size:A4;margin:9mm}\
        @media print{:root{color-scheme:light;--ink:#000;--soft:#333;--paper:#fff;--card:#fff;--rule:#999}body{font-size:8pt;line-height:1.25}main{max-width:none;padding:0;zoom:.94}\
        h1{font-size:13pt}h2{font-size:10pt;margin:2.5mm 0 1mm}.say{font-size:11.5pt;margin:0 0 1.5mm}.badge,dt,dd,li,.meta,summary{font-size:8pt}\
        .advice{border:1px solid #000;border-left:2mm solid var(--tone);padding:2mm 3mm}.advice dl{grid-template-columns:2fr 1fr 1fr;gap:4mm}\
        .warnings{margin-top:2mm;padding:0 3mm}.warnings h2{margin:.5mm 0}.warnings ul{columns:2;column-gap:6mm}.warnings li{font-size:7pt;break-inside:avoid}.pictures{grid-template-columns:repeat(3,minmax(0,1fr));gap:1.5mm 5mm}\
        figure,tr{break-inside:avoid}figcaption{font-size:8pt;margin:0 0 .5mm}figure summary{display:none}figure details::details-content{content-visibility:visible;height:auto}\
        figure details{display:block}details.again{display:none}.more>summary{font-size:6.6pt;line-height:1.15;padding:0}.more:not([open])>summary::after{content:": on the page; printed too where it is opened there";font-weight:400}.metric{break-inside:avoid}.scroll{overflow:visible}table{font-size:6.6pt;margin:0 0 1mm;line-height:1.2}th,td{padding:.25mm 1mm}td{white-space:normal}tbody th{min-width:0}caption{padding:.5mm 0;font-size:7.5pt}\
        figure table{font-size:5.2pt;line-height:1.15}figure table:has(th:nth-child(8)){font-size:4.6pt}figure svg{max-height:52mm}figure th,figure td{padding:.25mm .4mm}.pictures li,.metrics li{font-size:5.8pt;line-height:1.15}h1,.meta{margin:0 0 .5mm}.metrics h2{margin:1mm 0 0}.metric table{margin:0 0 .6mm;line-height:1.1}.metric th,.metric td{padding-top:.1mm;padding-bottom:.1mm}ul{margin:.3mm 0;padding-left:3mm}footer{margin-top:2mm;font-size:6.6pt}footer h2{font-size:8pt;margin:1mm 0}footer p{max-width:none;margin:.5mm 0}}
        """
}
