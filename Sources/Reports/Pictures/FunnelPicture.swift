internal import Analysis
internal import Experiments

/// From told a price to bought, by variant: bars of shoppers, one scale for all, and what they ordered in words.
enum FunnelPicture {
    private static let bar = 18.0
    private static let step = 21.0

    static func draw(_ report: Report) -> Picture? {
        guard let funnel = report.funnel, let most = funnel.variants.map(\.told).max(), most > 0 else { return nil }
        var canvas = Canvas()
        let scale = Scale([0, Double(most)], from: Canvas.rowStart, to: Canvas.end, padding: 0)
        var top = 4.0
        for variant in funnel.variants {
            let ordered = words(variant)
            let checkout = variant.checkouts == nil ? 0 : step
            canvas.rowName(variant.name, middle: top + (ordered == nil ? 24 : 32) + checkout / 2)
            draw(variant.told, "\(variant.told.grouped) told a price", "area", at: top + 4, scale, on: &canvas)
            if let checkouts = variant.checkouts {
                draw(
                    checkouts, "\(checkouts.grouped) began a checkout (\(share(checkouts, of: variant)))", "half",
                    at: top + 4 + step, scale, on: &canvas)
            }
            draw(
                variant.bought, "\(variant.bought.grouped) bought (\(share(variant.bought, of: variant)))", "fill",
                at: top + 4 + step + checkout, scale, on: &canvas)
            if let ordered {
                canvas.text(ordered, Canvas.rowStart, top + 58 + checkout, style: "soft", isSmall: true)
                top += 16
            }
            top += 56 + checkout
        }
        let note = "Left out because they saw two variants: \(funnel.leftOut.grouped)"
        canvas.text(note, Canvas.rowStart, top + 10, style: "soft", isSmall: true)
        canvas.height = top + 18
        let hasCheckouts = funnel.variants.contains { $0.checkouts != nil }
        let rows = funnel.variants.map { variant in
            let begun = variant.checkouts.map { [$0.grouped, share($0, of: variant)] } ?? ["–", "–"]
            return [variant.name, variant.told.grouped] + (hasCheckouts ? begun : [])
                + [
                    variant.bought.grouped, share(variant.bought, of: variant), variant.orders?.grouped ?? "–",
                    variant.items?.grouped ?? "–",
                ]
        }
        return Picture(
            .funnel, title: "From told a price to bought",
            description: funnel.variants.map { variant in
                "\(variant.name): \(variant.told.grouped) told, "
                    + (variant.checkouts.map { "\($0.grouped) began a checkout, " } ?? "")
                    + "\(variant.bought.grouped) bought, \(share(variant.bought, of: variant))"
                    + (words(variant).map { ", \($0)." } ?? ".")
            }.joined(separator: " ") + " \(note).",
            canvas,
            table: ReportTable(
                title: "Funnel",
                head: ["variant", "told a price"] + (hasCheckouts ? ["began a checkout", "share"] : [])
                    + ["bought", "rate", "orders", "items"],
                rows: rows.map { ReportTable.Row(cells: $0) },
                notes: [note + "."] + (hasCheckouts ? [meaning] : [])))
    }

    /// A bar with its words in it where they fit, else beside it.
    private static func draw(
        _ count: Int64, _ words: String, _ style: String, at y: Double, _ scale: Scale, on canvas: inout Canvas
    ) {
        let width = scale.place(Double(count)) - Canvas.rowStart
        canvas.box(Canvas.rowStart, y, max(1, width), bar, style)
        let fits = width > TextWidth.ems(words) * 11.5 + 12
        canvas.text(
            words, fits ? Canvas.rowStart + 6 : Canvas.rowStart + width + 6, y + 13,
            style: fits ? (style == "fill" ? "on" : "bare") : "", isSmall: true)
    }

    private static let meaning =
        "Whoever bought has begun a checkout, whether it was told of or not. Shares are of all who were told the price; those of buyers among checkouts compare shoppers whom the price itself sorted."

    private static func share(_ count: Int64, of variant: Funnel.Variant) -> String {
        variant.told > 0 ? (Double(count) / Double(variant.told)).percent(digits: 2) : "–"
    }

    /// What was ordered, as far as it was counted.
    private static func words(_ variant: Funnel.Variant) -> String? {
        let items = variant.items.map { "\($0.grouped) \($0 == 1 ? "item" : "items")" }
        let orders = variant.orders.map { "in \($0.grouped) \($0 == 1 ? "order" : "orders")" }
        let parts = [items, orders].compactMap(\.self)
        return parts.isEmpty ? nil : parts.joined(separator: " ")
    }
}
