internal import CAssets

/// The chat for other people's pages, as it was when the program was built.
public enum WidgetAssets {
    /// `web/widget/widget.js`
    public static var script: [UInt8] {
        var length = 0
        let start = unsafe cassets_widget_js(&length)
        return unsafe Array(UnsafeBufferPointer(start: start, count: length))
    }
}
