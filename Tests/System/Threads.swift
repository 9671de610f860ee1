import Glibc

/// Runs a closure on each of several threads of its own, and waits for all: work that blocks has no place among tasks.
func onThreads(_ count: Int, _ work: @escaping @Sendable (Int) -> Void) {
    final class Start: Sendable {
        let run: @Sendable () -> Void
        init(run: @escaping @Sendable () -> Void) { self.run = run }
    }
    var threads: [pthread_t] = []
    for number in 0..<count {
        let start = unsafe Unmanaged.passRetained(Start { work(number) })
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
        threads.append(thread)
    }
    for thread in threads { unsafe pthread_join(thread, nil) }
}
