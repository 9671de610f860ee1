internal import CAssets

/// The files of the demo shop's page, as they were when the program was built.
public enum ShopAssets {
    /// `web/shop/index.html`
    public static var html: [UInt8] { unsafe read(cassets_shop_html) }
    /// `web/shop/shop.css`
    public static var css: [UInt8] { unsafe read(cassets_shop_css) }
    /// `web/shop/shop.js`
    public static var script: [UInt8] { unsafe read(cassets_shop_js) }
    /// `web/shop/icon.svg`
    public static var icon: [UInt8] { unsafe read(cassets_shop_icon) }

    private static func read(_ asset: (UnsafeMutablePointer<Int>?) -> UnsafePointer<UInt8>?) -> [UInt8] {
        var length = 0
        let start = unsafe asset(&length)
        return unsafe Array(UnsafeBufferPointer(start: start, count: length))
    }
}
