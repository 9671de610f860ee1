import COpenSSL
import Crypto
import Testing

#if os(Linux)
    import Glibc
#endif

/// What the library does when the process ends.
@Suite struct ProcessEndTests {
    @Test func `libcrypto takes nothing down at the end, while threads may still use it or end themselves`() async {
        await #expect(processExitsWith: .success) {
            _ = SecureRandom.bytes(1)
            guard OPENSSL_atexit({ _exit(1) }) == 1 else { _exit(2) }
            exit(0)
        }
    }
}
