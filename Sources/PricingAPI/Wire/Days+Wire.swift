internal import Experiments

extension Context {
    /// A day in UTC, counted from 1970-01-01; nil where it is not named.
    func day(_ name: String) throws(Problem) -> Int32? {
        guard let text = try query(name) else { return nil }
        guard text.utf8.count == 10, let time = Timestamp(rfc3339: text + "T00:00:00Z") else {
            throw .parameter("`\(name)` is a day such as 2026-05-01.")
        }
        return time.day
    }

    /// The most days that are read at once.
    private static let mostDays: Int32 = 366

    /// Refuses days in the wrong order, and more than are read at once.
    static func check(from first: Int32, through last: Int32) throws(Problem) {
        guard first <= last, last - first < mostDays else {
            throw .parameter("`from` is not after `through`, and at most \(mostDays) days are read at once.")
        }
    }
}

extension Timestamp {
    /// Its day as ISO 8601 writes it.
    var date: String { String(description.prefix(10)) }
}
