internal import CSV
internal import Analysis

/// The rows of a tidy sheet.
struct ReportSheet {
    var writer = CSVWriter()

    /// A row without a number: its text stands in `method`.
    mutating func fact(_ quantity: String, _ text: String) { row("report", "", "", quantity, nil, nil, text) }

    /// What has to be known before a number is believed.
    mutating func warning(_ metric: String, _ variant: String, _ text: String) {
        row(metric, variant, "", "warning", nil, nil, text)
    }

    mutating func row(
        _ metric: String, _ variant: String, _ against: String, _ quantity: String, _ value: Double?,
        _ interval: ConfidenceInterval?, _ method: String
    ) {
        writer.text(metric)
        writer.text(variant)
        writer.text(against)
        writer.text(quantity)
        writer.number(value)
        writer.number(interval?.lower)
        writer.number(interval?.upper)
        writer.number(interval?.level)
        writer.text(method)
        writer.endRecord()
    }
}
