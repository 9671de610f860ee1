internal import Glibc

/// How many bytes of the process are in RAM, as `/proc/self/statm` says; nil where there is none.
public func residentMemoryBytes() -> Int? {
    guard let statm = try? InputFile(path: "/proc/self/statm"), let bytes = try? statm.next(limit: 256) else {
        return nil
    }
    let fields = String(decoding: bytes, as: UTF8.self).split(separator: " ")
    guard fields.count > 1, let pages = Int(fields[1]) else { return nil }
    return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
}
