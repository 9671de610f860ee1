internal import Raster

/// Why a picture cannot be had as PNG.
public enum PixelsError: Error, Sendable, Equatable {
    /// This machine cannot draw in pixels; why, in the loader's words.
    case unavailable(String)
    /// It would have more pixels than one picture may.
    case tooLarge
    /// The renderer refused our own drawing; why, in its words.
    case refused(String)
}

extension Picture {
    /// How many pixels stand for one of the SVG's, which is 800 wide.
    public static let scales = 1...3
    public static let defaultScale = 2

    /// The picture as PNG, on white. Draws for some 10 to 100 ms where it is called.
    ///
    /// - Parameter scale: of ``scales``; what lies outside is brought inside.
    public func png(scale: Int = defaultScale) throws(PixelsError) -> [UInt8] {
        let scale = Double(min(max(scale, Self.scales.lowerBound), Self.scales.upperBound))
        let (width, height) = (Self.fileWidth * scale, (fileHeight * scale).rounded(.up))
        guard height < 1e6 else { throw .tooLarge }
        do throws(RasterError) {
            return try PNG.drawing(document(style: PictureStyle.flat), width: Int(width), height: Int(height))
        } catch {
            switch error {
            case .unavailable(let reason): throw .unavailable(reason)
            case .unreadable(let reason): throw .refused(reason)
            case .size: throw .tooLarge
            }
        }
    }
}
