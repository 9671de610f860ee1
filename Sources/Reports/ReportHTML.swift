internal import Crypto
public import Analysis
internal import Experiments

/// A report as a page: static, without script, that prints well. Everything that came from outside is escaped.
public enum ReportHTML {
    public static func encode(_ report: Report, engineVersion: String) -> [UInt8] {
        var page = Page()
        page.raw("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n")
        page.raw("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n")
        page.element("title", "Report: \(report.name)")
        page.raw("<style>\(style)</style></head>\n<body><main>\n")
        page.element("h1", report.name)
        advice(of: report, into: &page)
        quality(of: report, into: &page)
        for table in ReportTable.all(of: report) { self.table(table, into: &page) }
        page.raw("<footer>")
        if let asOf = report.asOf {
            page.raw("As of <time datetime=\"\(asOf)\">\(asOf)</time>. ")
        }
        page.text(
            "Method: \(report.method.rawValue), level \((1 - report.alpha).percent(digits: 1)). Experiment \(report.subject). Engine \(engineVersion). Input "
        )
        page.raw("<code>\(report.inputHash.hex)</code>.</footer>\n</main></body></html>\n")
        return page.bytes
    }

    private static func advice(of report: Report, into page: inout Page) {
        let advice = report.recommendation
        page.raw("<section class=\"advice \(advice.action.rawValue)\" aria-label=\"Recommendation\">\n")
        page.element("p", advice.sentence)
        page.element("small", "Rule: \(advice.rule.sentence)")
        if let cost = advice.costOfBeingWrong {
            let amount = report.currency.display(minorUnits: cost.perThousandVisitors)
            page.element(
                "small", "If “\(cost.choice)” is the wrong choice, it costs \(amount) on average per 1,000 visitors.")
        }
        page.raw("</section>\n")
    }

    private static func quality(of report: Report, into page: inout Page) {
        let quality = report.dataQuality
        let ratio = quality.sampleRatio
        let observed = ratio.observed.map(\.grouped).joined(separator: " / ")
        page.raw("<section><h2>Data quality</h2>\n")
        let p = ratio.pValue.map { ", p = \($0.probabilityText)" } ?? ""
        page.element("p", "Sample ratio: \(ratio.alarm ? "alarm" : "ok"), \(observed)\(p).")
        list(quality.warnings, into: &page)
        page.raw("</section>\n")
    }

    private static func table(_ table: ReportTable, into page: inout Page) {
        page.raw("<section><table>")
        page.element("caption", table.title)
        page.raw("<thead><tr>")
        for cell in table.head { page.element("th scope=\"col\"", cell) }
        page.raw("</tr></thead>\n<tbody>")
        for row in table.rows {
            page.raw("<tr>")
            for (column, cell) in row.cells.enumerated() {
                page.element(column == 0 ? "th scope=\"row\"" : "td", cell)
            }
            page.raw("</tr>\n")
        }
        page.raw("</tbody></table>\n")
        list(table.notes, into: &page)
        page.raw("</section>\n")
    }

    private static func list(_ notes: [String], into page: inout Page) {
        guard !notes.isEmpty else { return }
        page.raw("<ul>")
        for note in notes { page.element("li", note) }
        page.raw("</ul>\n")
    }

    private static let style = """
        :root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;margin:0}
        main{max-width:70rem;margin:0 auto;padding:2rem 1rem}h1{font-size:1.5rem}h2{font-size:1.1rem}
        .advice{border-left:.4rem solid #888;padding:.5rem 1rem;margin:1rem 0}.advice p{font-size:1.25rem;margin:0}
        .advice small{display:block;opacity:.75}.ship{border-color:#1a7f4b}.stop{border-color:#b3261e}
        .inconclusive{border-color:#b26a00}section{overflow-x:auto}
        table{border-collapse:collapse;width:100%;margin-top:1.5rem;font-variant-numeric:tabular-nums}
        caption{text-align:left;font-weight:600;padding:.25rem 0}th,td{padding:.3rem .6rem;text-align:right}
        th:first-child,td:first-child{text-align:left}thead th{border-bottom:1px solid #888;font-weight:500}
        li{font-size:.9rem}footer{margin-top:2rem;font-size:.8rem;opacity:.75;overflow-wrap:anywhere}
        @media print{main{max-width:none;padding:0}section{break-inside:avoid}}
        """
}

/// Appends HTML; what is not markup is escaped.
private struct Page {
    private(set) var bytes: [UInt8] = []

    mutating func raw(_ markup: String) { bytes.append(contentsOf: markup.utf8) }

    mutating func text(_ text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): raw("&amp;")
            case UInt8(ascii: "<"): raw("&lt;")
            case UInt8(ascii: ">"): raw("&gt;")
            case UInt8(ascii: "\""): raw("&quot;")
            case UInt8(ascii: "'"): raw("&#39;")
            // Control characters have no place in HTML.
            case 0x00..<0x09, 0x0B, 0x0C, 0x0E..<0x20, 0x7F: raw("\u{FFFD}")
            default: bytes.append(byte)
            }
        }
    }

    /// - Parameter tag: the name, and attributes of our own.
    mutating func element(_ tag: String, _ content: String) {
        raw("<\(tag)>")
        text(content)
        raw("</\(tag.prefix { $0 != " " })>")
    }
}
