internal import Glibc

/// The kernel refused something a loop cannot do without.
public struct EventLoopError: Error, Equatable, CustomStringConvertible {
    /// The call that failed.
    public let call: String
    /// Its errno.
    public let code: Int32

    /// A failure of `call` with errno `code`.
    public init(call: String, code: Int32) {
        self.call = call
        self.code = code
    }

    /// The call and the kernel's words for why.
    public var description: String {
        guard let text = unsafe strerror(code) else { return "\(call): error \(code)" }
        return unsafe "\(call): \(String(cString: text))"
    }
}
