/// Words and phrases as a tree over a–z and the space: one step a letter, so a walk costs no hashing, may run on over the
/// gap between two words, and tells when what was read so far may still become a word.
struct WordTree {
    /// Steps: 0 is the space, 1–26 are a–z.
    typealias Step = UInt8

    private struct Node {
        var children: UInt32 = 0
        var first: UInt32 = 0
        var classes = WordClass()
    }

    private var nodes: [Node] = []

    static let root: Int32 = 0
    static let nowhere: Int32 = -1

    init(_ words: [[Step]: WordClass]) {
        let sorted = words.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        nodes.append(Node())
        // Breadth first, so that the children of a node stand side by side in order.
        var queue: [(node: Int, range: Range<Int>, depth: Int)] = [(0, 0..<sorted.count, 0)]
        var next = 0
        while next < queue.count {
            let (node, range, depth) = queue[next]
            next += 1
            var position = range.lowerBound
            if position < range.upperBound, sorted[position].key.count == depth {
                nodes[node].classes = sorted[position].value
                position += 1
            }
            nodes[node].first = UInt32(nodes.count)
            while position < range.upperBound {
                let step = sorted[position].key[depth]
                let start = position
                while position < range.upperBound, sorted[position].key[depth] == step { position += 1 }
                nodes[node].children |= 1 << UInt32(step)
                queue.append((nodes.count, start..<position, depth + 1))
                nodes.append(Node())
            }
        }
    }

    /// The node after one more step; `nowhere` where no word goes on so.
    func child(_ node: Int32, _ step: Step) -> Int32 {
        guard node >= 0 else { return Self.nowhere }
        let parent = nodes[Int(node)]
        let bit = UInt32(1) << UInt32(step)
        guard parent.children & bit != 0 else { return Self.nowhere }
        return Int32(truncatingIfNeeded: Int(parent.first) + (parent.children & (bit - 1)).nonzeroBitCount)
    }

    func classes(_ node: Int32) -> WordClass { node < 0 ? [] : nodes[Int(node)].classes }

    /// Whether a longer word begins as this one does.
    func goesOnByLetter(_ node: Int32) -> Bool { node >= 0 && nodes[Int(node)].children & ~1 != 0 }
}
