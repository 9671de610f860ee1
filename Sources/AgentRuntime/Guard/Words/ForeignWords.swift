/// Frequent words of languages in Latin letters that the agent does not speak: a draft that holds one is not one of
/// ours. What is a word of a spoken language too falls away.
enum ForeignWords {
    static let list = """
        gli della dello delle degli nella nello nelle questo questa questi queste quello quella prezzo prezzi costano
        puo puoi posso possiamo perche sono siamo sei hai abbiamo molto tutto tutti ciao grazie prego buongiorno
        vorrei vuoi adesso subito soltanto spedizione taglia scarpe maglia giacca acquisto acquistare pagare paghi
        pagherai pagamento dare farti diamo facciamo lascio sotto senza allora quindi ecco nostro nostra vostro che
        con uma voces nao sim sao estao isso isto aquilo preco precos custa custam obrigado obrigada bom boa muito
        tudo agora apenas somente entao tambem frete envio tamanho sapato camisa casaco fazer faco deixo nosso nossa
        meu minha pela pelos dele een voor niet zijn deze dit wij jouw hun ons onze maar ook naar prijs prijzen betaal
        betalen betaalt bestelling verzending schoenen jas maat graag bedankt hallo goedemorgen alstublieft geen
        zonder krijg krijgt jullie hebben heeft kunnen kunt wordt worden mijn uw slechts jest sie nie dla tylko cena
        ceny cene kosztuje zaplacisz placisz zaplacic dziekuje prosze czesc dzien moge mozemy panstwa twoja twoj nasz
        nasza rozmiar buty kurtka zamowienie wysylka dostawa bardzo teraz juz tego ta to jak ktory bedzie mamy masz
        oraz albo lub bir bu icin degil evet hayir fiyat fiyati fiyatı olarak sadece lira tl odeme odeyin siparis
        kargo beden ayakkabi merhaba tesekkurler lutfen sizin bizim benim senin yok cok daha simdi misiniz olur
        veriyorum verebilirim och att som inte pris priset kostar kostnad betala betalar tack hej frakt storlek skor
        jacka kopa endast ditt vart er eller og ikke jeg deg dig til prisen koster betaler betal tak hei stoerrelse
        sko kjop kjope se sina hinta hinnan maksaa maksat kiitos toimitus koko kengat vain mutta sinulle meille za
        stoji zaplatite dekuji velikost boty objednavka doprava pouze vam nas vase pentru pret pretul platiti
        multumesc buna livrare marime pantofi doar numai dumneavoastra hogy nem kerul fizet koszonom szallitas meret
        cipo csak yang ini itu untuk tidak harga harganya bayar membayar terima kasih pengiriman ukuran sepatu hanya
        saja kami desu masu made kakaku nedan okaikei kudasai arigatou jiage yuan zhi zhiyao qian duoshao xiexie nihao
        ke aap aapke liye sirf kimat keemat rupaye dena milega huwa hiya hadha faqat thaman siar shukran tsena eto
        vsego tolko stoit spasibo dlya vas rubley presyo lang magkano bayad salamat po tien shilingi
        """
}
