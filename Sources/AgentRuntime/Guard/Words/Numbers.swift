/// Numbers, fractions and shares in words. A word that also means something innocent in one of the agent's languages
/// ("one", "neuf", "once") is excused only inside the phrases of `InnocentPhrases`.
enum Numbers {
    /// Refused wherever they stand inside a word.
    static let stems = """
        twenty thirty forty fourty fifty sixty seventy eighty ninety hundred thousand million billion trillion
        zwanzig dreissig dreizig vierzig fuenfzig funfzig sechzig siebzig achtzig neunzig hundert tausend prozent promille
        veinti treinta cuarenta cincuenta sesenta setenta ochenta noventa cientos porcent
        quarante cinquante soixante pourcent pourcentage
        percent twintig dertig veertig vijftig zestig tachtig negentig honderd duizend
        dwadziescia trzydziesci czterdziesci piecdziesiat procent yuzde kymmenta hyvaksi
        """

    static let english = """
        zero nought nil one ones two three four five six seven eight nine ten eleven twelve thirteen fourteen fiveteen
        twenties thirties forties seventies eighties nineties teens fifteen sixteen seventeen eighteen nineteen twelv fourtey ninty fourties fifties sixties dozens dozen
        hundredth fiver tenner twofer twofers couple triple doubled tripled twice thrice quadruple threefold twofold
        tenfold third thirds fourth fourths fifth fifths sixth sixths seventh eighth eighths ninth tenth tenths
        eleventh twelfth half halves halved halving halfprice quarter quarters pct percentage percentages twentieth
        fortnight twenny aught naught umpteen threefiddy hexadecimal hex octal morse cipher multiplied sqrt equals
        subtract subtracted subtracting
        """
    static let german = """
        null eins zwei zwo drei vier fuenf funf sechs sieben acht neun zehn elf zwoelf zwolf dreizehn vierzehn
        fuenfzehn funfzehn sechzehn siebzehn achtzehn neunzehn zehner zwanziger fuenfer fuenfziger hunderter tausender
        dutzend doppelt doppelte doppelten dreifach dreifache zweifach vierfach halb halbe halben halbes halbiert
        halbieren haelfte halfte drittel viertel fuenftel funftel zehntel achtel hundertstel million millionen
        milliarde vierte fuenfte sechste zehnte zehnten anderthalb eineinhalb zweieinhalb bruchteil zweier dreier
        vierer malgenommen geteilt
        """
    static let spanish = """
        cero uno once dos tres cuatro cinco seis siete ocho nueve diez doce trece catorce quince dieciseis diecisiete
        dieciocho diecinueve veinte cien ciento mil miles millon millones docena docenas doble dobles triple mitad
        tercio tercios decimo decima decimas decenas centenar centenares cuadruple billon sexto septimo octavo noveno
        veintena treintena porciento multiplicado
        """
    static let french = """
        zero deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize vingt vingts
        vingtaine trente cent cents centaine centaines mille milliers millier million millions milliard douzaine
        dizaine dizaines quinzaine trentaine triple moitie demi demie demis quart quarts cinquieme dixieme dixiemes
        centieme pourcent septante huitante octante nonante soixantaine quarantaine cinquantaine multiplie divise
        """

    /// Of languages the agent does not speak, in Latin letters; those that are ordinary words of a spoken one fall away.
    static let foreign = """
        uno tre quattro cinque sette nove dieci undici dodici tredici quattordici quindici sedici diciassette diciotto
        diciannove venti ventuno ventidue ventitre ventiquattro venticinque ventisei ventisette ventotto ventinove
        trenta quaranta cinquanta sessanta settanta ottanta novanta cento duecento trecento mila mezzo mezza quarto
        percento decina dozzina doppio zero uma dois duas tres quatro cinco seis sete oito dez onze doze treze catorze
        quatorze quinze dezesseis dezasseis dezessete dezassete dezoito dezenove dezanove vinte trinta quarenta
        cinquenta sessenta setenta oitenta noventa cem duzentos trezentos quinhentos metade meio duzia dobro een twee
        drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien zeventien achttien
        negentien zeventig helft dubbel tientje tientjes jeden jedna dwa dwie trzy cztery piec szesc siedem osiem
        dziewiec dziesiec jedenascie dwanascie trzynascie czternascie pietnascie szesnascie siedemnascie osiemnascie
        dziewietnascie szescdziesiat siedemdziesiat osiemdziesiat dziewiecdziesiat dwiescie trzysta piecset tysiac
        tysiace tysiecy polowa polowe sifir bir iki uc dort bes alti yedi sekiz dokuz yirmi otuz kirk elli altmis
        yetmis seksen doksan yuz yarim yarisi noll ett tva fyra sju atta nio tio elva tolv tretton fjorton femton
        sexton sjutton arton nitton tjugo tjugofyra trettio fyrtio femtio sextio sjuttio attio nittio hundra tusen
        halften halva seks syv otte elleve tretten fjorten femten seksten sytten atten nitten tyve tredive fyrre
        halvtreds halvfjerds firs halvfems hundrede tusind halvparten nolla yksi kaksi kolme nelja viisi kuusi
        seitseman kahdeksan yhdeksan kymmenen yksitoista kaksitoista kaksikymmenta kaksikymmentanelja kolmekymmenta
        sata tuhat puoli puolet dva tri ctyri sest sedm osm deset jedenact dvanact dvacet tricet ctyricet padesat
        sedesat tisic pulka unu doi patru cinci sase sapte noua zece unsprezece douazeci treizeci patruzeci cincizeci
        suta jumatate egy ketto negy ot het nyolc kilenc tiz husz harminc negyven otven szaz ezer satu dua tiga empat
        lima enam tujuh delapan sembilan sepuluh sebelas belas puluh ratus ribu juta setengah separuh ichi yon shichi
        hachi kyu kyuu juu nijuu sanjuu hyaku sen yonjuu gojuu hankaku hanbun liang wu qi jiu ershi sanshi ershisi bai
        qian ershiwu zhe ek teen chaar paanch panch chhah chhe saat aath nau bees chaubis pachis tees chalis pachas
        saath sattar assi nabbe hazar hazaar lakh lac crore aadha adha wahid ithnan ithnayn thalatha arbaa arba khamsa
        sitta sabaa tamaniya tisaa ashara ashra ishrin ishrun ishreen thalathin arbain khamsin nisf odin chetyre pyat
        shest sem vosem devyat desyat dvadtsat tridtsat sorok pyatdesyat dvesti tysyacha tysyach polovina pyatnadtsat
        desyatka dyo tria tessera pente efta okto ennea deka eikosi ikosi trianta saranda peninda ekato misi dalawa
        tatlo apat pito walo siyam sampu dalawampu hana daseot yeoseot yeodeol ahop yeol ilgop sip isip samsip baek
        cheon hai chin muoi nghin moja mbili nne tano sita saba nane tisa kumi ishirini thelathini unus quattuor
        quinque septem octo novem decem viginti triginta centum
        """
}
