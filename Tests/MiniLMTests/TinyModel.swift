import Glibc

@testable import MiniLM

/// A model of a few numbers in the published format, and the same worked out one number after the other in double
/// precision.
struct TinyModel {
    static let config = """
        {"model_type":"bert","hidden_act":"gelu","vocab_size":9,"hidden_size":8,"num_hidden_layers":2,
        "num_attention_heads":2,"intermediate_size":12,"max_position_embeddings":6,"layer_norm_eps":1e-12}
        """
    static let vocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\ntea\n##pot\n.\ncafe\n茶\n"

    private(set) var tensors: [(name: String, shape: [Int], numbers: [Float])] = []

    init() {
        var state: UInt64 = 42
        func add(_ name: String, _ shape: [Int], around centre: Float = 0) {
            let numbers = (0..<shape.reduce(1, *)).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return centre + Float(Int32(truncatingIfNeeded: state >> 33)) / Float(1 << 31) * 2 - 1
            }
            tensors.append((name, shape, numbers))
        }
        func linear(_ name: String, _ inputs: Int, _ outputs: Int) {
            add(name + ".weight", [outputs, inputs])
            add(name + ".bias", [outputs])
        }
        func norm(_ name: String) {
            add(name + ".LayerNorm.weight", [8], around: 2)
            add(name + ".LayerNorm.bias", [8])
        }
        add("embeddings.word_embeddings.weight", [9, 8])
        add("embeddings.position_embeddings.weight", [6, 8])
        add("embeddings.token_type_embeddings.weight", [2, 8])
        norm("embeddings")
        for layer in 0..<2 {
            let name = "encoder.layer.\(layer)."
            for part in ["query", "key", "value"] { linear(name + "attention.self." + part, 8, 8) }
            linear(name + "attention.output.dense", 8, 8)
            norm(name + "attention.output")
            linear(name + "intermediate.dense", 8, 12)
            linear(name + "output.dense", 12, 8)
            norm(name + "output")
        }
    }

    /// The file's bytes.
    var file: [UInt8] {
        var header = #"{"__metadata__":{"format":"pt"}"#
        var data: [UInt8] = []
        for (name, shape, numbers) in tensors {
            let start = data.count
            for number in numbers {
                for shift in [UInt32(0), 8, 16, 24] {
                    data.append(UInt8(truncatingIfNeeded: number.bitPattern >> shift))
                }
            }
            header += #","\#(name)":{"dtype":"F32","shape":\#(shape),"data_offsets":[\#(start),\#(data.count)]}"#
        }
        return Self.bytes(header: header + "}", data: data)
    }

    static func bytes(header: String, data: [UInt8]) -> [UInt8] {
        let length = UInt64(header.utf8.count)
        return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * UInt64($0))) } + Array(header.utf8) + data
    }

    /// The vector of tokens, by the definition.
    func vector(of tokens: [Int]) -> [Double] {
        func numbers(_ name: String) -> [Double] {
            tensors.first { $0.name == name }.map { $0.numbers.map(Double.init) } ?? []
        }
        func linear(_ x: [Double], _ name: String) -> [Double] {
            let (weights, bias) = (numbers(name + ".weight"), numbers(name + ".bias"))
            return bias.indices.map { o in
                x.indices.reduce(bias[o]) { $0 + x[$1] * weights[o * x.count + $1] }
            }
        }
        func norm(_ x: [Double], _ name: String) -> [Double] {
            let (gain, bias) = (numbers(name + ".LayerNorm.weight"), numbers(name + ".LayerNorm.bias"))
            let mean = x.reduce(0, +) / 8
            let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 8
            return x.indices.map { gain[$0] * (x[$0] - mean) / (variance + 1e-12).squareRoot() + bias[$0] }
        }
        func sum(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map { $0 + $1 } }
        let words = numbers("embeddings.word_embeddings.weight")
        let places = numbers("embeddings.position_embeddings.weight")
        let types = numbers("embeddings.token_type_embeddings.weight")
        var rows = tokens.enumerated().map { place, token in
            norm((0..<8).map { words[token * 8 + $0] + places[place * 8 + $0] + types[$0] }, "embeddings")
        }
        for layer in 0..<2 {
            let name = "encoder.layer.\(layer)."
            let (q, k, v) = (
                rows.map { linear($0, name + "attention.self.query") },
                rows.map { linear($0, name + "attention.self.key") },
                rows.map { linear($0, name + "attention.self.value") }
            )
            let attended = rows.indices.map { row -> [Double] in
                (0..<2).flatMap { head -> [Double] in
                    let part = head * 4..<head * 4 + 4
                    let weights = rows.indices.map { other in
                        exp(part.reduce(0) { $0 + q[row][$1] * k[other][$1] } / 2)
                    }
                    let total = weights.reduce(0, +)
                    return part.map { j in rows.indices.reduce(0) { $0 + weights[$1] / total * v[$1][j] } }
                }
            }
            rows = rows.indices.map { row in
                let x = norm(
                    sum(rows[row], linear(attended[row], name + "attention.output.dense")), name + "attention.output")
                let wide = linear(x, name + "intermediate.dense").map { $0 * 0.5 * (1 + erf($0 / 2.0.squareRoot())) }
                return norm(sum(x, linear(wide, name + "output.dense")), name + "output")
            }
        }
        let mean = (0..<8).map { j in rows.reduce(0) { $0 + $1[j] } }
        let size = mean.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return mean.map { $0 / size }
    }
}
