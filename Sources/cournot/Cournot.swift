@main
enum Cournot {
    static func main() {}
}
