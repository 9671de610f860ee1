/// What turns texts into vectors whose cosine says how near their meanings are.
public protocol Embedder: Sendable {
    /// The name of what makes the vectors. Vectors of two models are never compared, so that a model that changes
    /// changes its name.
    var model: String { get }
    /// Elements of every vector, 1 to 65,536.
    var dimensions: Int { get }
    /// Texts that a catalogue gives it at a time.
    var batch: Int { get }

    /// A vector for each text, in order, of unit length or zero.
    ///
    /// Takes the thread it is called on: callers choose an executor that may be held up. May be called from many tasks at
    /// once.
    func embed(_ texts: [String]) async throws(EmbedderError) -> [[Float]]
}

extension Embedder {
    /// A fraction of a second's work here, so that other tenants have their turn.
    public var batch: Int { 16 }
}

/// Why texts have no vectors.
public enum EmbedderError: Error, Equatable {
    /// It may work later, for the reason given.
    case unavailable(String)
}
