/// What is drawn on: SVG elements, 400 units wide, with the classes of `PictureStyle`.
struct Canvas {
    static let width = 400.0
    /// Where rows begin, right of their names.
    static let rowStart = 104.0
    static let end = 388.0
    private static let fontSize = 13.0
    private static let smallSize = 11.5

    private(set) var markup = Markup()
    var height = 0.0

    enum Anchor: String { case start, middle, end }

    /// Shapes tell apart what colours do not.
    enum Shape { case circle, square, diamond, triangle }

    mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String) {
        begin("line", style)
        attribute("x1", x1)
        attribute("y1", y1)
        attribute("x2", x2)
        attribute("y2", y2)
        markup.raw("/>")
    }

    mutating func box(_ x: Double, _ y: Double, _ width: Double, _ height: Double, _ style: String) {
        begin("rect", style)
        attribute("x", x)
        attribute("y", y)
        attribute("width", max(0, width))
        attribute("height", max(0, height))
        markup.raw("/>")
    }

    mutating func circle(_ x: Double, _ y: Double, radius: Double, _ style: String) {
        begin("circle", style)
        attribute("cx", x)
        attribute("cy", y)
        attribute("r", radius)
        markup.raw("/>")
    }

    mutating func path(_ points: [(Double, Double)], closed: Bool = false, _ style: String) {
        guard !points.isEmpty else { return }
        begin("path", style)
        markup.raw(" d=\"M")
        for (place, point) in points.enumerated() {
            if place > 0 { markup.raw("L") }
            markup.coordinate(point.0)
            markup.raw(" ")
            markup.coordinate(point.1)
        }
        markup.raw(closed ? "Z\"/>" : "\"/>")
    }

    /// The area between two curves over the same places.
    mutating func band(_ upper: [(Double, Double)], _ lower: [(Double, Double)], _ style: String) {
        path(upper + lower.reversed(), closed: true, style)
    }

    mutating func mark(_ shape: Shape, _ x: Double, _ y: Double, radius r: Double = 5, _ style: String) {
        switch shape {
        case .circle: circle(x, y, radius: r, style)
        case .square: box(x - r, y - r, 2 * r, 2 * r, style)
        case .diamond:
            path([(x, y - 1.3 * r), (x + 1.3 * r, y), (x, y + 1.3 * r), (x - 1.3 * r, y)], closed: true, style)
        case .triangle: path([(x, y - 1.2 * r), (x + 1.2 * r, y + r), (x - 1.2 * r, y + r)], closed: true, style)
        }
    }

    /// An interval as a line with ends.
    mutating func whisker(_ x1: Double, _ x2: Double, at y: Double, _ style: String) {
        path([(x1, y - 5), (x1, y + 5)], style)
        path([(x1, y), (x2, y)], style)
        path([(x2, y - 5), (x2, y + 5)], style)
    }

    /// An interval as an upright line; its ends are drawn where they are on paper, from `top` to `bottom`.
    mutating func upright(_ ends: [Double], at x: Double, top: Double, bottom: Double, _ style: String) {
        path(ends.map { (x, min(bottom, max(top, $0))) }, style)
        for end in ends where (top...bottom).contains(end) { path([(x - 5, end), (x + 5, end)], style) }
    }

    mutating func text(
        _ text: String, _ x: Double, _ y: Double, _ anchor: Anchor = .start, style: String = "", isSmall: Bool = false
    ) {
        begin("text", isSmall ? "small \(style)" : style)
        attribute("x", x)
        attribute("y", y)
        if anchor != .start { markup.raw(" text-anchor=\"\(anchor.rawValue)\"") }
        markup.raw(">")
        markup.text(text)
        markup.raw("</text>")
    }

    /// A row's name left of it, on two lines where it is long.
    mutating func rowName(_ name: String, middle y: Double, note: String? = nil) {
        let lines = TextWidth.lines(of: name, ems: (Self.rowStart - 8) / Self.fontSize, atMost: 2)
        let count = Double(lines.count) + (note == nil ? 0 : 1)
        var line = y + 4.5 - 7.5 * (count - 1)
        for text in lines {
            self.text(text, 2, line)
            line += 15
        }
        if let note { text(note, 2, line, style: "soft", isSmall: true) }
    }

    /// A sentence on as many lines as it needs; returns where the next would stand.
    mutating func paragraph(_ words: String, _ x: Double, _ y: Double, width: Double, style: String = "soft") -> Double
    {
        var line = y
        for part in TextWidth.lines(of: words, ems: width / Self.smallSize, atMost: 6) {
            text(part, x, line, style: style, isSmall: true)
            line += 14.5
        }
        return line
    }

    /// A text that keeps inside the picture wherever it is pinned.
    mutating func pinned(_ words: String, _ x: Double, _ y: Double, style: String = "", from left: Double = 2) {
        let half = TextWidth.ems(words) * Self.smallSize / 2
        text(words, held(x, half: half, from: left), y, .middle, style: style, isSmall: true)
    }

    /// Where the middle of a text has to stand for all of it to be on paper.
    private func held(_ x: Double, half: Double, from left: Double) -> Double {
        min(max(x, left + half), Self.end + 10 - half)
    }

    private mutating func begin(_ name: String, _ style: String) {
        markup.raw(style.isEmpty ? "<\(name)" : "<\(name) class=\"\(style)\"")
    }

    private mutating func attribute(_ name: String, _ value: Double) {
        markup.raw(" \(name)=\"")
        markup.coordinate(value)
        markup.raw("\"")
    }
}

// MARK: - Axes

extension Canvas {
    /// Grid lines from `top` to `bottom`, their values beneath, and what they are.
    mutating func horizontalAxis(
        _ scale: Scale, _ label: TickLabel, title: String, top: Double, bottom: Double, from left: Double = rowStart
    ) {
        var count = 8
        var (values, step) = scale.ticks(about: count)
        var texts = values.map { label.text($0, step: step) }
        // As many ticks as have room for their words.
        while count > 1, isCrowded(values.map(scale.place), texts, from: left - 30) {
            count -= 1
            (values, step) = scale.ticks(about: count)
            texts = values.map { label.text($0, step: step) }
        }
        for (value, words) in zip(values, texts) {
            let x = scale.place(value)
            line(x, top, x, bottom, "grid")
            pinned(words, x, bottom + 15, style: "soft", from: left - 30)
        }
        text(title, (left + Self.end) / 2, bottom + 32, .middle, style: "soft", isSmall: true)
    }

    private func isCrowded(_ values: [Double], _ texts: [String], from left: Double) -> Bool {
        let halves = texts.map { TextWidth.ems($0) * Self.smallSize / 2 }
        let places = zip(values, halves).map { held($0, half: $1, from: left) }
        for place in places.indices.dropFirst() {
            let room: Double = places[place] - places[place - 1]
            if room < halves[place] + halves[place - 1] + 10 { return true }
        }
        return false
    }

    /// Grid lines from `left` to `right` with their values left of them, and what they are above.
    mutating func verticalAxis(
        _ scale: Scale, _ label: TickLabel, title: String, left: Double, right: Double, top: Double,
        about count: Int = 6
    ) {
        let (values, step) = scale.ticks(about: count)
        for value in values {
            let y = scale.place(value)
            line(left, y, right, y, "grid")
            text(label.text(value, step: step), left - 6, y + 4, .end, style: "soft", isSmall: true)
        }
        text(title, 2, top - 10, style: "soft", isSmall: true)
    }
}
