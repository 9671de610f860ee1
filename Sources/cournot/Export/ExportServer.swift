internal import HTTPClient
internal import JSON

/// The server an export is fetched from.
struct ExportServer: Sendable {
    private let address: ServerAddress
    private let key: String
    private let client: HTTPClient
    /// How long a connection may be silent before it counts as broken.
    private let patience: Duration

    /// How long one answer may take in all: exports are as long as they are.
    private static let longest = Duration.seconds(7 * 86_400)

    /// - Parameter trust: a file of certificates to trust, as PEM; nil for those of the system.
    init(
        _ address: ServerAddress, key: String, trust: String?, patience: Duration
    ) throws(CommandFailure) {
        self.address = address
        self.key = key
        self.patience = patience
        do throws(HTTPClientError) {
            client = try HTTPClient(userAgent: "cournot/\(Version.current)", trust: trust, mostConnections: 1)
        } catch {
            throw CommandFailure("\(error)")
        }
    }

    /// Asks, and waits for the answer's head; its body is read with `next(of:)`.
    func open(_ target: String) async throws(ExportDownload.Interruption) -> HTTPStream {
        let request = HTTPRequest(
            "GET", address.url + target, headers: [("Authorization", "Bearer \(key)")],
            connectTimeout: min(patience, .seconds(10)), timeout: Self.longest, largestBody: .max)
        let stream = try await patiently { () throws(HTTPClientError) in try await client.open(request) }
        guard stream.head.status == 200 else { throw try await interruption(stream) }
        return stream
    }

    /// The next bytes of a body; nil once it is whole.
    func next(of stream: HTTPStream) async throws(ExportDownload.Interruption) -> [UInt8]? {
        try await patiently { () throws(HTTPClientError) in try await stream.next() }
    }

    private func patiently<Value: Sendable>(
        _ work: @escaping @Sendable () async throws(HTTPClientError) -> Value
    ) async throws(ExportDownload.Interruption) -> Value {
        let patience = patience
        let result = await withTaskGroup(of: Result<Value, HTTPClientError>?.self) { group in
            group.addTask {
                do throws(HTTPClientError) { return .success(try await work()) } catch { return .failure(error) }
            }
            group.addTask {
                // Whoever is first ends the other.
                try? await Task.sleep(for: patience)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        switch result {
        case .success(let value): return value
        case .failure(let error): throw ExportDownload.Interruption(error)
        case nil: throw .broken("nothing came for \(patience.components.seconds) s", wait: .zero)
        }
    }

    private func interruption(
        _ stream: HTTPStream
    ) async throws(ExportDownload.Interruption) -> ExportDownload.Interruption {
        var body: [UInt8] = []
        while let part = try await next(of: stream), body.count < 1 << 20 { body += part }
        let status = stream.head.status
        let detail = (try? JSONValue(parsing: body))?["detail"]?.string ?? "no reason given"
        let message = "the server says \(status): \(detail)"
        guard status == 429 || status >= 500 else { return .refused(message) }
        let seconds = stream.head.header("retry-after").flatMap { Int($0) } ?? 0
        return .broken(message, wait: .seconds(min(max(0, seconds), 60)))
    }
}

extension ExportDownload.Interruption {
    init(_ error: HTTPClientError) {
        switch error {
        case .untrusted(let reason):
            self = .refused(
                "the server's certificate is not to be trusted (\(reason)); --ca-file names a file of certificates that are"
            )
        case .invalid(let reason): self = .refused(reason)
        case .tooLarge: self = .refused("the answer is too long")
        case .unreachable(let reason): self = .broken(reason, wait: .zero)
        case .timedOut: self = .broken("there was no answer in time", wait: .zero)
        case .cutOff, .canceled: self = .broken("the connection was cut", wait: .zero)
        }
    }
}
