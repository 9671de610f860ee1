// Exact top-10 over seeded unit rows: one query, a batch, bytes, filters, beside what each is held against.
//   vectors data FOLDER ROWS DIMENSION CLUSTERED   writes rows.f32 and queries.f32
//   vectors run FOLDER ROWS DIMENSION              prints "name best median" in milliseconds, writes answers.i32
import CPeer
import FoundationEssentials
import Stats

let k = 10
let batch = 64

func write(_ values: [Float], _ path: String) throws {
    try values.withUnsafeBytes { try Data($0).write(to: URL(filePath: path)) }
}

func read(_ path: String) throws -> [Float] {
    try Data(contentsOf: URL(filePath: path)).withUnsafeBytes { bytes in
        [Float](unsafeUninitializedCapacity: bytes.count / 4) { buffer, count in
            bytes.copyBytes(to: UnsafeMutableRawBufferPointer(buffer))
            count = bytes.count / 4
        }
    }
}

/// Unit vectors: directions all alike likely, or, clustered, around a thousand centres.
func makeData(_ folder: String, rows: Int, dimension: Int, clustered: Bool) throws {
    var generator = Xoshiro256PlusPlus(seed: 384)
    func direction() -> [Double] {
        let x = (0..<dimension).map { _ in generator.normal() }
        let norm = x.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return x.map { $0 / norm }
    }
    let centres = (0..<1000).map { _ in direction() }
    func vector() -> [Float] {
        var x = direction()
        if clustered {
            let centre = centres[Int.random(in: 0..<centres.count, using: &generator)]
            for j in x.indices { x[j] += centre[j] }
            let norm = x.reduce(0) { $0 + $1 * $1 }.squareRoot()
            for j in x.indices { x[j] /= norm }
        }
        return x.map { Float($0) }
    }
    try write((0..<rows).flatMap { _ in vector() }, folder + "/rows.f32")
    try write((0..<batch).flatMap { _ in vector() }, folder + "/queries.f32")
}

/// Times of one contender, in milliseconds.
struct Lap {
    let name: String
    let body: (Int) throws -> Void
    var times: [Double] = []

    mutating func take(_ round: Int) throws {
        let clock = ContinuousClock()
        let duration = try clock.measure { try body(round) }
        times.append(Double(duration.components.attoseconds) / 1e15 + Double(duration.components.seconds) * 1e3)
    }
}

func run(_ folder: String, rows: Int, dimension: Int) throws {
    let matrix = try read(folder + "/rows.f32")
    let flat = try read(folder + "/queries.f32")
    let queries = (0..<batch).map { Array(flat[$0 * dimension..<($0 + 1) * dimension]) }
    var plain = try VectorIndex(dimension: dimension, metric: .cosine)
    try plain.add(rows: matrix, ids: 0..<rows)
    var bytes = try VectorIndex(dimension: dimension, metric: .cosine, encoding: .int8)
    try bytes.add(rows: matrix, ids: 0..<rows)
    let half = try Bitmap((0..<rows).filter { $0 % 2 == 0 })
    let few = try Bitmap((0..<rows).filter { $0 % 100 == 0 })
    var product = [Float](repeating: 0, count: rows * batch)
    var sink: Float = 0
    let exact = plain
    let coded = bytes
    var laps = [
        Lap(name: "read") { _ in sink += matrix.withUnsafeBufferPointer { peer_read($0.baseAddress, $0.count) } },
        Lap(name: "float32") { sink += Float(try exact.nearest(k, to: queries[$0 % batch]).count) },
        Lap(name: "int8") { sink += Float(try coded.nearest(k, to: queries[$0 % batch]).count) },
        Lap(name: "float32, half") {
            sink += Float(try exact.nearest(k, to: queries[$0 % batch], among: half).count)
        },
        Lap(name: "float32, 1%") { sink += Float(try exact.nearest(k, to: queries[$0 % batch], among: few).count) },
        Lap(name: "int8, half") { sink += Float(try coded.nearest(k, to: queries[$0 % batch], among: half).count) },
    ]
    var heavy = [
        Lap(name: "sgemm") { _ in
            matrix.withUnsafeBufferPointer { x in
                flat.withUnsafeBufferPointer { q in
                    product.withUnsafeMutableBufferPointer { out in
                        peer_sgemm(
                            x.baseAddress, q.baseAddress, out.baseAddress, Int32(rows), Int32(dimension), Int32(batch))
                    }
                }
            }
        },
        Lap(name: "batch") { _ in sink += Float(try exact.nearest(k, toEach: queries).count) },
    ]
    for round in 0..<40 {
        for i in laps.indices { try laps[i].take(round) }
        if round % 3 == 0 { for i in heavy.indices { try heavy[i].take(round) } }
    }
    print("kernel", VectorIndex.kernelName)
    for lap in laps + heavy {
        // The first two rounds warm the machine up.
        let sorted = lap.times.dropFirst(2).sorted()
        print(lap.name, sorted[0], sorted[sorted.count / 2], separator: "\t")
    }
    let answers = try exact.nearest(k, toEach: queries)
    var agree = 0
    for (query, answer) in zip(queries, answers) {
        let wanted = Set(answer.map(\.id))
        agree += try coded.nearest(k, to: query).count { wanted.contains($0.id) }
    }
    print("recall", Double(agree) / Double(k * batch), sink.isNaN ? 1 : 0, separator: "\t")
    try answers.flatMap { $0.map { Int32($0.id) } }.withUnsafeBytes {
        try Data($0).write(to: URL(filePath: folder + "/answers.i32"))
    }
}

@main
enum Bench {
    static func main() throws {
        let words = CommandLine.arguments
        guard words.count >= 5, let rows = Int(words[3]), let dimension = Int(words[4]) else {
            fatalError("usage: vectors data|run FOLDER ROWS DIMENSION [CLUSTERED]")
        }
        if words[1] == "data" {
            try makeData(words[2], rows: rows, dimension: dimension, clustered: words.last == "clustered")
        } else {
            try run(words[2], rows: rows, dimension: dimension)
        }
    }
}
