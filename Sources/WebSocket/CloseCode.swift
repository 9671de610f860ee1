/// Why a WebSocket is closed (RFC 6455, 7.4.1).
public struct CloseCode: RawRepresentable, Sendable, Hashable {
    public let rawValue: UInt16

    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// All was said.
    public static let normal = CloseCode(rawValue: 1000)
    /// This server ends; another one will answer.
    public static let goingAway = CloseCode(rawValue: 1001)
    public static let protocolError = CloseCode(rawValue: 1002)
    /// Binary, where text is spoken.
    public static let unsupportedData = CloseCode(rawValue: 1003)
    /// Text that is not UTF-8.
    public static let invalidData = CloseCode(rawValue: 1007)
    /// Against the rules of the house, such as a session that has ended.
    public static let policy = CloseCode(rawValue: 1008)
    public static let tooBig = CloseCode(rawValue: 1009)
    public static let internalError = CloseCode(rawValue: 1011)
}
