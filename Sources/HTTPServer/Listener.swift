internal import CLinux
internal import EventLoop
internal import Glibc

/// A listening socket on a loop. When the process or the machine is out of descriptors it rests, instead of being
/// told of the same connection again and again.
///
/// `@unchecked Sendable`: belongs to its loop's thread.
final class Listener: EventSource, @unchecked Sendable {
    private let descriptor: Int32
    private unowned let server: LoopServer
    private var isOpen = true
    /// Out of descriptors: rests until one is freed or a while has passed.
    private var isResting = false

    private static let restNanoseconds: UInt64 = 100_000_000

    init(descriptor: Int32, server: LoopServer) {
        self.descriptor = descriptor
        self.server = server
    }

    func open() {
        do {
            try server.loop.watch(descriptor, self)
        } catch {
            // The listener is the loop's first descriptor: the kernel refuses it only when out of memory.
            preconditionFailure("cannot watch the listening socket: \(error)")
        }
    }

    /// Takes the connections that already wait, then stops listening.
    func close() {
        guard isOpen else { return }
        acceptAll(budget: .max)
        isOpen = false
        server.loop.unwatch(descriptor)
        Glibc.close(descriptor)
    }

    func becameReady(_ readiness: Readiness) {
        acceptAll(budget: 64)
    }

    func descriptorWasFreed() {
        guard isResting else { return }
        isResting = false
        server.loop.runNextTurn { [self] in acceptAll(budget: 64) }
    }

    private func acceptAll(budget: Int) {
        guard isOpen, !isResting else { return }
        var left = budget
        while left > 0 {
            left -= 1
            var storage = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let accepted = unsafe withUnsafeMutablePointer(to: &storage) { storage in
                unsafe storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                    unsafe clinux_accept4(
                        descriptor, address, &length,
                        Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue))
                }
            }
            if accepted >= 0 {
                server.accepted(accepted, from: RemoteAddress(storage))
                continue
            }
            switch errno {
            case EAGAIN: return
            case EMFILE, ENFILE, ENOBUFS, ENOMEM:
                rest()
                return
            default: continue  // The connection failed before we took it; the next may be well.
            }
        }
        server.loop.runNextTurn { [self] in acceptAll(budget: 64) }
    }

    private func rest() {
        isResting = true
        let loop = server.loop
        _ = loop.schedule(at: loop.now.advanced(byNanoseconds: Self.restNanoseconds)) { [self] in
            guard isResting else { return }
            isResting = false
            acceptAll(budget: 64)
        }
    }
}
