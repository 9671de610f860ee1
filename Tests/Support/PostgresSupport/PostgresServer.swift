public import EventLoop
internal import Glibc
public import Postgres
internal import Synchronization

/// A private PostgreSQL in a folder of its own, reached through a Unix socket, that ends with the process that started
/// it whatever way that ends.
///
/// It does not sync: tests kill the server and not the machine.
public final class PostgresServer: Sendable {
    public struct NotStarted: Error, CustomStringConvertible {
        public let description: String
    }

    /// Where its files, its socket and its log are.
    public let directory: String
    /// Where questions of the tests themselves run.
    public let loop: EventLoop
    private let isSynced: Bool
    /// The write end of the keeper's standard input: when it closes, the server is stopped.
    private let lifeline = Mutex<Int32>(-1)
    private let databases = Atomic<Int>(0)

    private static let binaries = "/usr/lib/postgresql/15/bin"
    private static let sharedServer = Task { try await PostgresServer() }

    /// The one server of this process, for tests that do not harm it.
    public static func shared() async throws -> PostgresServer { try await sharedServer.value }

    /// A server of the caller's own.
    ///
    /// - Parameter isSynced: whether commits reach the disk, for measuring.
    public init(isSynced: Bool = false) async throws {
        guard unsafe access(Self.binaries + "/initdb", X_OK) == 0 else {
            throw NotStarted(description: "there is no \(Self.binaries)/initdb: install the package postgresql-15")
        }
        self.isSynced = isSynced
        loop = try EventLoop(label: "pg-tests")
        try loop.start()
        var template = Array("/tmp/cournot-pg-XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else { throw NotStarted(description: "mkdtemp: error \(errno)") }
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        try Self.shell(
            """
            chmod 755 \(directory)
            if [ "$(id -u)" = 0 ]; then chown postgres \(directory); fi
            \(Self.asOwner) \(Self.binaries)/initdb -D \(directory)/data -U postgres -A trust --no-sync \
                -E UTF8 --locale=C >\(directory)/initdb.log 2>&1
            """)
        try await start()
        try await superuser { connection in
            // Not a superuser: those pass by row-level security.
            _ = try await connection.run(
                [PostgresCommand("CREATE ROLE cournot LOGIN CREATEDB")], within: .seconds(10))
        }
    }

    /// PostgreSQL refuses to run as root.
    private static let asOwner =
        geteuid() == 0 ? "setpriv --reuid=postgres --regid=postgres --clear-groups" : ""

    // MARK: Life

    /// Starts the server and waits until it takes connections.
    public func start() async throws {
        let sync = isSynced ? "-c fsync=on" : "-c fsync=off -c full_page_writes=off"
        let script = """
            \(Self.asOwner) \(Self.binaries)/postgres -D \(directory)/data -k \(directory) -c listen_addresses= \
                -c max_connections=1000 -c shared_buffers=128MB -c max_wal_size=4GB -c wal_recycle=on \
                -c log_min_messages=warning -c unix_socket_permissions=0777 \(sync) >>\(directory)/log 2>&1 </dev/null &
            server=$!
            echo $$ >\(directory)/keeper
            cat >/dev/null
            kill -INT $server 2>/dev/null
            wait
            if [ "$(cat \(directory)/keeper)" = $$ ]; then rm -rf \(directory); fi
            """
        var ends: [Int32] = [0, 0]
        // Sockets rather than a pipe: closed in other children from their first moment on.
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw NotStarted(description: "socketpair: error \(errno)")
        }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        let code = unsafe Self.spawn(script, &actions).code
        close(ends[0])
        guard code == 0 else { throw NotStarted(description: "/bin/sh: error \(code)") }
        lifeline.withLock { $0 = ends[1] }
        for _ in 0..<3000 {
            if (try? await superuser { _ in }) != nil { return }
            await pause()
        }
        try Self.shell("tail -n 20 \(directory)/log >&2")
        throw NotStarted(description: "PostgreSQL does not answer; the end of its log is above")
    }

    /// Ends the server at once, as if the machine's power failed: SIGKILL to it and all it started.
    public func kill() throws {
        try Self.shell(
            """
            echo none >\(directory)/keeper
            main=$(head -1 \(directory)/data/postmaster.pid)
            # Stopped first, so that it makes no child that is not among them.
            kill -STOP $main
            all="$main $(ps -o pid= --ppid $main)"
            kill -9 $all 2>/dev/null
            # While one of them is there its shared memory is, and no other server starts.
            for turn in $(seq 500); do
                if ! ps -o stat= -p "$(echo $all | tr ' ' ,)" | grep -qv Z; then break; fi
                sleep 0.01
            done
            rm -f \(directory)/data/postmaster.pid
            true
            """)
        cutLifeline()
    }

    private func cutLifeline() {
        lifeline.withLock { end in
            if end >= 0 { close(end) }
            end = -1
        }
    }

    /// Ends the server in order and removes its files.
    public func remove() throws {
        cutLifeline()
        try Self.shell(
            """
            for turn in $(seq 1000); do [ -e \(directory) ] || exit 0; sleep 0.01; done
            exit 1
            """)
    }

    deinit { cutLifeline() }

    // MARK: Databases

    /// The address of a new, empty database of the application's role.
    public func database(options: String = "") async throws -> String {
        let name = "t\(databases.add(1, ordering: .relaxed).newValue)"
        try await superuser { connection in
            _ = try await connection.run(
                [PostgresCommand("CREATE DATABASE \(name) OWNER cournot")], within: .seconds(20))
        }
        // Tests begin all at once, and no server of theirs hangs: it is waited for.
        return "postgres://cournot@/\(name)?host=\(directory)&connect_timeout=30\(options)"
    }

    /// Runs `body` with a connection of the superuser, on this server's loop.
    public func superuser<Value: Sendable>(
        of database: String = "postgres", _ body: @Sendable (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        try await Self.connected(
            to: "postgres://postgres@/\(database)?host=\(directory)&connect_timeout=30", on: loop, body)
    }

    /// Has commits wait for a standby of that name, or for none.
    ///
    /// When a new session knows it, the postmaster has told the others before. Whether commits wait is the checkpointer's to
    /// say, which reads settings before it does what it is asked for next.
    public func require(standby: String) async throws {
        try await superuser { connection in
            for text in ["ALTER SYSTEM SET synchronous_standby_names = '\(standby)'", "SELECT pg_reload_conf()"] {
                _ = try await connection.run([PostgresCommand(text)], within: .seconds(10))
            }
        }
        var told: String?
        while told != standby {
            told = try await superuser { connection in
                let show = PostgresCommand("SHOW synchronous_standby_names")
                return try await connection.run([show], within: .seconds(10)).first?.text(0, 0)
            }
        }
        try await superuser { connection in
            _ = try await connection.run([PostgresCommand("CHECKPOINT")], within: .seconds(30))
        }
    }

    /// Runs `body` with a connection of its own.
    public static func connected<Value: Sendable>(
        to address: String, on loop: EventLoop, _ body: @Sendable (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        var configuration = try PostgresConfiguration(url: address)
        configuration.isPrepared = false
        let fixed = configuration
        return try await withTaskExecutorPreference(loop) {
            let connection = PostgresConnection(loop: loop, configuration: fixed)
            defer { connection.close() }
            try await connection.connect()
            return try await body(connection)
        }
    }

    private func pause() async {
        await withCheckedContinuation { continuation in
            loop.execute { [loop] in
                _ = loop.schedule(at: loop.now.advanced(byNanoseconds: 20_000_000)) { continuation.resume() }
            }
        }
    }

    /// Starts PgBouncer in transaction mode before this server; it ends with it. Returns where its socket is.
    public func pooler() async throws -> String {
        let folder = directory + "/pooler"
        try Self.shell(
            """
            [ -x /usr/sbin/pgbouncer ] || { echo "install the package pgbouncer" >&2; exit 1; }
            mkdir -p \(folder)
            cat >\(folder)/ini <<'END'
            [databases]
            * = host=\(directory)
            [pgbouncer]
            listen_addr =
            unix_socket_dir = \(folder)
            auth_type = trust
            auth_file = \(folder)/users
            pool_mode = transaction
            max_client_conn = 200
            default_pool_size = 3
            pidfile = \(folder)/pid
            logfile = \(folder)/log
            END
            echo '"cournot" ""' >\(folder)/users
            if [ "$(id -u)" = 0 ]; then chown -R postgres \(folder); fi
            ( \(Self.asOwner) /usr/sbin/pgbouncer \(folder)/ini & pooler=$!
                while [ -e \(directory)/data/postmaster.pid ]; do sleep 0.2; done
                kill $pooler ) >/dev/null 2>&1 &
            for turn in $(seq 6000); do [ -e \(folder)/.s.PGSQL.6432 ] && exit 0; sleep 0.01; done
            exit 1
            """)
        return folder
    }

    /// Has the pooler stand still, or go on: what its clients and the server say waits in its sockets.
    public func hold(pooler folder: String, _ isHeld: Bool) throws {
        try Self.shell("kill -\(isHeld ? "STOP" : "CONT") $(cat \(folder)/pid)")
    }

    // MARK: Processes

    private static func shell(_ script: String) throws {
        let (code, pid) = unsafe spawn(script, nil)
        guard code == 0 else { throw NotStarted(description: "/bin/sh: error \(code)") }
        var status: Int32 = 0
        while unsafe waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        guard status == 0 else { throw NotStarted(description: "this failed with status \(status): \(script)") }
    }

    private static func spawn(
        _ script: String, _ actions: UnsafePointer<posix_spawn_file_actions_t>?
    ) -> (code: Int32, pid: pid_t) {
        // The threads that tests run on block signals, which children would inherit.
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        // A group of its own, so that an interrupt at the terminal reaches the tests first.
        unsafe posix_spawnattr_setpgroup(&attributes, 0)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))
        let command: [String] = ["/bin/sh", "-c", script]
        let settings: [String] = ["PATH=/usr/bin:/bin", "LC_ALL=C"]
        let words = unsafe command.map { unsafe strdup($0) } + [nil]
        let variables = unsafe settings.map { unsafe strdup($0) } + [nil]
        defer { unsafe (words + variables).forEach { unsafe free($0) } }
        var pid: pid_t = 0
        let code = unsafe posix_spawn(&pid, "/bin/sh", actions, &attributes, words, variables)
        return (code, pid)
    }
}
