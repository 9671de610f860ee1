@_spi(_Unicode) internal import Swift

/// A text in words and marks, as the reference tokenizer of BERT's uncased models divides it: control characters gone,
/// accents stripped, lower case, every punctuation mark and every ideograph by itself.
enum Normalizer {
    static func words(of text: String) -> [[Unicode.Scalar]] {
        var words: [[Unicode.Scalar]] = []
        var word: [Unicode.Scalar] = []
        func end() {
            if !word.isEmpty { words.append(word) }
            word.removeAll(keepingCapacity: true)
        }
        func take(_ scalar: Unicode.Scalar) {
            if isPunctuation(scalar) {
                end()
                words.append([scalar])
            } else {
                word.append(scalar)
            }
        }
        // Decomposition moves no scalar across one that is no mark, so that dividing and decomposing may go together.
        for scalar in text._nfd {
            if scalar.value < 0x80 {
                switch scalar.value {
                case 0x41...0x5a: word.append(Unicode.Scalar(UInt8(scalar.value | 0x20)))
                case 0x20, 0x09, 0x0a, 0x0d: end()
                case 0x00..<0x20, 0x7f: break
                default: take(scalar)
                }
                continue
            }
            let properties = scalar.properties
            switch properties.generalCategory {
            case .control, .format, .surrogate, .privateUse, .unassigned, .nonspacingMark: continue
            case .spaceSeparator, .lineSeparator, .paragraphSeparator:
                end()
                continue
            default: break
            }
            if scalar.value == 0xfffd { continue }
            if isIdeograph(scalar.value) {
                end()
                words.append([scalar])
                continue
            }
            for lower in properties.lowercaseMapping.unicodeScalars { take(lower) }
        }
        end()
        return words
    }

    private static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x21...0x2f, 0x3a...0x40, 0x5b...0x60, 0x7b...0x7e: return true
        case 0..<0x80: return false
        default: break
        }
        switch scalar.properties.generalCategory {
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation:
            return true
        default: return false
        }
    }

    private static func isIdeograph(_ value: UInt32) -> Bool {
        switch value {
        case 0x3400...0x4dbf, 0x4e00...0x9fff, 0xf900...0xfaff, 0x20000...0x2a6df, 0x2a700...0x2b73f,
            0x2b740...0x2b81f, 0x2b920...0x2ceaf, 0x2f800...0x2fa1f:
            true
        default: false
        }
    }
}
