internal import Crypto
public import Analysis
internal import Experiments

/// A report as a table for terminals, UTF-8, without colours.
public enum ReportText {
    public static func encode(_ report: Report, engineVersion: String) -> [UInt8] {
        var lines = [printable(report.name)]
        let advice = report.recommendation
        lines.append("")
        lines.append("\(advice.action.rawValue.uppercased())  \(printable(advice.sentence))")
        if let certainty = advice.certainty { lines.append("  \(printable(certainty))") }
        lines.append("  Next: \(printable(advice.nextStep))")
        lines.append("  Rule: \(advice.rule.sentence)")
        if let cost = advice.costOfBeingWrong, !report.dataQuality.sampleRatio.alarm {
            let amount = report.currency.display(minorUnits: cost.perThousandVisitors)
            lines.append(
                "  If “\(printable(cost.choice))” is the wrong choice, it costs \(amount) on average per 1,000 visitors."
            )
        }
        lines.append("")
        let quality = report.dataQuality
        let ratio = quality.sampleRatio
        let observed = ratio.observed.map(\.grouped).joined(separator: " / ")
        let p = ratio.decidingText(report.method).map { ", \($0)" } ?? ""
        lines.append("Sample ratio: \(ratio.alarm ? "ALARM" : "ok"), \(observed)\(p)")
        for warning in quality.warnings { lines.append("! \(printable(warning))") }
        for table in ReportTable.all(of: report) {
            lines.append("")
            lines += draw(table)
        }
        lines.append("")
        let asOf = report.asOf.map { "as of \($0), " } ?? ""
        lines.append("\(report.method.rawValue), \(asOf)engine \(engineVersion), input \(report.inputHash.hex)")
        return Array((lines.joined(separator: "\n") + "\n").utf8)
    }

    private static func draw(_ table: ReportTable) -> [String] {
        let head = table.head.map(printable)
        let rows = table.rows.map { $0.cells.map(printable) }
        let widths = head.indices.map { column in ([head] + rows).map { $0[column].count }.max() ?? 0 }
        func line(_ cells: [String]) -> String {
            var text = ""
            for (column, cell) in cells.enumerated() {
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                // Names stand left, numbers right.
                text += column == 0 ? cell + padding : "  " + padding + cell
            }
            while text.last == " " { text.removeLast() }
            return text
        }
        let rule = String(repeating: "─", count: widths.reduce(0, +) + 2 * (widths.count - 1))
        return [printable(table.title), line(head), rule] + rows.map(line) + table.notes.map { "* " + printable($0) }
    }

    /// Without control characters: a name must not move a terminal's cursor.
    private static func printable(_ text: String) -> String {
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: out.append("\u{FFFD}")
            default: out.append(scalar)
            }
        }
        return String(out)
    }
}
