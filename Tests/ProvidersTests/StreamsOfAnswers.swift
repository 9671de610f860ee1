import AgentRuntime
import ProviderSupport
import Stats

@testable import Providers

extension Streams {
    /// What a stream comes to.
    static func read<Answer: StreamedAnswer>(
        _ type: Answer.Type, _ bytes: [UInt8], asked: Int = 400
    ) throws -> (answer: ModelAnswer?, told: String, partial: ModelUsage) {
        var parser = EventStreamParser()
        var answer = Answer(asked: asked)
        var told = ""
        for event in try parser.receive(bytes) { told += try answer.receive(event) ?? "" }
        return (answer.answer, told, answer.partial.usage)
    }

    /// Each with a byte changed, taken out or put in, at many places.
    static func damaged(_ bytes: [UInt8], seed: UInt64) -> [[UInt8]] {
        var random = SplitMix64(seed: seed)
        return (0..<2000).map { _ in
            var bytes = bytes
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(contentsOf: Array("-9223372036854775808".utf8), at: place)
                default: bytes.removeSubrange(place..<min(bytes.count, place + 20))
                }
            }
            return bytes
        }
    }
}
