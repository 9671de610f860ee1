import Glibc

/// Runs a closure on each of several threads of its own, and waits for all: work that blocks has no place among tasks.
func onThreads(_ count: Int, _ work: @escaping @Sendable (Int) -> Void) {
    let threads = (0..<count).map { number in startThread { work(number) } }
    for thread in threads { pthread_join(thread, nil) }
}

@discardableResult
func startThread(_ body: @escaping @Sendable () -> Void) -> pthread_t {
    final class Start: Sendable {
        let run: @Sendable () -> Void
        init(run: @escaping @Sendable () -> Void) { self.run = run }
    }
    let start = unsafe Unmanaged.passRetained(Start(run: body))
    var thread = pthread_t()
    let code = unsafe pthread_create(
        &thread, nil,
        { argument in
            if let argument = unsafe argument {
                unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().run()
            }
            return nil
        }, start.toOpaque())
    precondition(code == 0, "a test needs its threads")
    return thread
}

/// Runs a test that blocks on a thread of its own, so that others' tasks go on meanwhile.
func blocking(_ test: @escaping @Sendable () throws -> Void) async throws {
    let outcome: Result<Void, any Error> = await withCheckedContinuation { continuation in
        startThread { continuation.resume(returning: Result { try test() }) }
    }
    try outcome.get()
}
