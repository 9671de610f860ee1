private import CRsvg
private import Glibc

/// Why an SVG did not become a PNG.
public enum RasterError: Error, Sendable, Equatable {
    /// This machine lacks librsvg or cairo (`librsvg2-2` on Debian); why, in the loader's words.
    case unavailable(String)
    /// No SVG that can be drawn.
    case unreadable(String)
    /// More pixels than ``PNG/mostPixels``, fewer than one, or no memory for them.
    case size
}

/// Pictures in pixels, drawn by librsvg on cairo. Both are opened with the first picture: a process that draws none
/// neither starts later nor holds more memory for them.
public enum PNG {
    /// The most pixels of one picture: 48 MB while it is drawn.
    public static let mostPixels = 12_000_000

    /// A PNG of an SVG stretched to so many pixels, on white. Draws where it is called, for some 10 to 100 ms: not on a
    /// loop. Nothing that the SVG names is loaded.
    ///
    /// - Parameters:
    ///   - svg: UTF-8, without CSS variables, which librsvg does not know.
    ///   - width: in pixels, above 0; `height` likewise.
    public static func drawing(_ svg: [UInt8], width: Int, height: Int) throws(RasterError) -> [UInt8] {
        let (pixels, isTooMuch) = width.multipliedReportingOverflow(by: height)
        guard width > 0, height > 0, !isTooMuch, pixels <= mostPixels, let width = Int32(exactly: width),
            let height = Int32(exactly: height)
        else { throw .size }
        var file: UnsafeMutablePointer<UInt8>?
        var length = 0
        var message = [CChar](repeating: 0, count: 256)
        let result = unsafe svg.withUnsafeBufferPointer { svg in
            unsafe crsvg_render(svg.baseAddress, svg.count, width, height, &file, &length, &message, message.count)
        }
        defer { unsafe free(file) }
        let reason = String(
            decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        switch result {
        case CRSVG_OK: return unsafe Array(UnsafeBufferPointer(start: file, count: length))
        case CRSVG_UNAVAILABLE: throw .unavailable(reason)
        case CRSVG_UNREADABLE: throw .unreadable(reason)
        default: throw .size
        }
    }
}
