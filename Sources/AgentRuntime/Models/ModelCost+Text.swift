extension ModelCost {
    /// US dollars, exactly, without zeros at the end: `0.0031245`.
    public var dollars: String { Self.decimal(picodollars, places: 12) }

    /// US cents, exactly, without zeros at the end: `0.31245`.
    public var cents: String { Self.decimal(picodollars, places: 10) }

    /// To whole cents, halves to the even one: for people who read a report.
    public var roundedCents: Int64 {
        let (whole, rest) = picodollars.quotientAndRemainder(dividingBy: 10_000_000_000)
        let half: Int64 = 5_000_000_000
        return rest > half || (rest == half && whole % 2 == 1) ? whole + 1 : whole
    }

    private static func decimal(_ value: Int64, places: Int) -> String {
        let digits = String(value.magnitude)
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        let whole = padded.dropLast(places)
        var rest = padded.suffix(places)
        while rest.last == "0" { rest.removeLast() }
        return (value < 0 ? "-" : "") + whole + (rest.isEmpty ? "" : "." + rest)
    }
}
