internal import CLinux
internal import Glibc

/// A thread of our own, outside the concurrency runtime's pool.
package enum Thread {
    private final class Start: Sendable {
        let label: String
        let body: @Sendable () -> Void

        init(label: String, body: @escaping @Sendable () -> Void) {
            self.label = label
            self.body = body
        }
    }

    /// Runs `body` on a new, detached thread.
    ///
    /// - Throws: ``EventLoopError`` when the kernel refuses another thread.
    package static func spawn(label: String, _ body: @escaping @Sendable () -> Void) throws(EventLoopError) {
        let start = unsafe Unmanaged.passRetained(Start(label: label, body: body))
        var thread = pthread_t()
        let code = unsafe pthread_create(
            &thread, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                let start = unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                unsafe clinux_name_this_thread(start.label)
                start.body()
                return nil
            }, start.toOpaque())
        guard code == 0 else {
            unsafe start.release()
            throw EventLoopError(call: "pthread_create", code: code)
        }
        pthread_detach(thread)
    }
}
