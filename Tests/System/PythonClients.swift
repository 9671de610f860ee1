import Glibc
import Synchronization

/// Python environments with other people's programs as their owners publish them, each made once and kept under the
/// system's temporary folder.
enum PythonClients {
    /// The clients of the open protocols.
    static let protocols = [
        "openfeature-sdk==0.10.0", "openfeature-provider-ofrep==0.3.0", "growthbook==4.0.0",
    ]
    /// What drives Debian's Chromium.
    static let browser = ["playwright==1.65.2"]
    /// A client of WebSockets.
    static let sockets = ["websockets==15.0.1"]
    /// What runs the notebooks, and what they draw with.
    static let notebooks = ["nbclient==0.11.0", "nbformat==5.11.1", "ipykernel==7.4.0", "matplotlib==3.11.2"]

    /// A server that speaks as Stripe does, Stripe's own SDK, and what sends storms of messages.
    static let payments = ["localstripe==1.15.10", "stripe==16.1.0", "carbon-layer==0.6.1"]

    struct NotInstalled: Error, CustomStringConvertible {
        let description: String
    }

    private static let made = Mutex<[[String]: String]>([:])

    /// The path of an interpreter that has some packages.
    static func interpreter(with packages: [String], in scratch: Scratch) throws -> String {
        try made.withLock { made in
            if let path = made[packages] { return path }
            let path = try install(packages, in: scratch)
            made[packages] = path
            return path
        }
    }

    private static func install(_ packages: [String], in scratch: Scratch) throws -> String {
        // Named by what is in it, so that another version makes another one; moved into place whole.
        let name = packages.map { $0.replacing("==", with: "-") }.joined(separator: "_")
        let script = """
            set -e
            home="/tmp/cournot-clients-$(id -u)-\(name)"
            if [ ! -x "$home/bin/python" ]; then
                rm -rf "$home.new.$$"
                python3 -m venv "$home.new.$$"
                "$home.new.$$/bin/python" -m pip install --quiet --disable-pip-version-check \
            \(packages.joined(separator: " "))
                mv -T "$home.new.$$" "$home" 2>/dev/null || rm -rf "$home.new.$$"
            fi
            echo "$home/bin/python"
            """
        let errors = "\(scratch.path)/pip.err"
        let shell = try ChildProcess(
            "sh", [scratch.write(script, to: "clients.sh")], directory: scratch.path, errors: errors)
        let path = shell.rest().split(separator: "\n").last.map(String.init) ?? ""
        guard shell.wait() == 0, !path.isEmpty else {
            throw NotInstalled(
                description: """
                    The clients could not be installed from the Python package index. This test needs it once; \
                    what was done is kept. Said: \(scratch.text("pip.err").suffix(600))
                    """)
        }
        return path
    }

    /// The path of a program of the `Tests/System/Clients` folder.
    static func path(of program: String) -> String {
        #filePath.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/Clients/" + program
    }

    /// Runs a program of the `Tests/System/Clients` folder and returns what it printed.
    static func run(
        _ program: String, _ arguments: [String], input: String? = nil, with packages: [String] = protocols,
        in scratch: Scratch
    ) throws -> String {
        let python = try interpreter(with: packages, in: scratch)
        let process = try ChildProcess(
            python, [path(of: program)] + arguments, directory: scratch.path,
            input: input.map { scratch.write($0, to: "\(program).in") } ?? "/dev/null",
            errors: "\(scratch.path)/\(program).err")
        let output = process.rest()
        guard process.wait() == 0 else {
            throw NotInstalled(description: "\(program) ended badly: \(scratch.text("\(program).err").suffix(2000))")
        }
        return output
    }
}
