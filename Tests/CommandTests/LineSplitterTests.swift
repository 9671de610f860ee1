import Testing

@testable import cournot

struct LineSplitterTests {
    private func split(_ parts: [String]) -> [String] {
        var splitter = LineSplitter()
        var lines = parts.flatMap { splitter.lines(endingIn: Array($0.utf8)) }
        if let last = splitter.last() { lines.append(last) }
        return lines.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func `lines are the same however the bytes come`() {
        let text = "one\n\ntwo\nthree"
        for cut in 0...text.count {
            #expect(split([String(text.prefix(cut)), String(text.dropFirst(cut))]) == ["one", "", "two", "three"])
        }
        #expect(split(text.map { String($0) }) == ["one", "", "two", "three"])
    }

    @Test func `a last line feed begins no line`() {
        #expect(split(["a\n"]) == ["a"])
        #expect(split([]) == [])
        #expect(split(["\n"]) == [""])
    }
}
