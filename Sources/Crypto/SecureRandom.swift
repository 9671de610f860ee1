import COpenSSL

/// Random bytes nobody can guess, from OpenSSL's generator.
public enum SecureRandom {
    /// `count` random bytes.
    ///
    /// A machine without randomness cannot go on: the process ends.
    public static func bytes(_ count: Int) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            unsafe fill(UnsafeMutableRawBufferPointer(buffer))
            filled = count
        }
    }

    /// A random secret of `count` bytes.
    public static func secret(_ count: Int = 32) -> Secret { Secret(bytes(count)) }

    static func fill(_ buffer: UnsafeMutableRawBufferPointer) {
        guard let count = Int32(exactly: buffer.count), unsafe RAND_bytes(buffer.baseAddress, count) == 1 else {
            fatalError("libcrypto gives no random bytes")
        }
    }
}

/// Swift's random functions on OpenSSL's generator, for whoever takes a generator as an argument.
public struct SystemRandom: RandomNumberGenerator, Sendable {
    /// The generator; it has no state of its own.
    public init() {}

    /// Sixty-four random bits.
    public mutating func next() -> UInt64 {
        var number: UInt64 = 0
        unsafe withUnsafeMutableBytes(of: &number) { unsafe SecureRandom.fill($0) }
        return number
    }
}
