extension Phrasebook {
    static let german = Phrasebook(
        wordings: [
            .greeting: [
                "Guten Tag, hier ist {{fact:agent.name}}. Wonach suchen Sie heute?",
                "Hallo! Ich bin {{fact:agent.name}}. Sagen Sie mir, was Sie suchen, und ich sehe nach.",
            ],
            .ask: ["Wonach suchen Sie?", "Sagen Sie mir, woran Sie denken, und ich suche es."],
            .offer: [
                "Das habe ich gefunden:\nROWS\nWorüber möchten Sie mehr wissen?",
                "Das könnte passen:\nROWS\nMöchten Sie mehr darüber wissen?",
            ],
            .near: [
                "Genau das habe ich nicht gefunden. Am nächsten kommt das:\nROWS\nMöchten Sie mehr darüber wissen?"
            ],
            .more: ["Hier ist mehr:\nROWS\nIst etwas dabei?", "Es gibt auch:\nROWS\nGefällt Ihnen etwas davon?"],
            .nothingFound: [
                "Ich habe nichts Passendes gefunden. Können Sie es anders beschreiben?",
                "Dazu finde ich leider nichts. Können Sie es anders sagen?",
            ],
            .noMore: ["Das war alles, was passt. Möchten Sie nach etwas anderem suchen?"],
            .price: [
                "Der Preis für {{fact:p1.title}} ist {{price:p1}}. Möchten Sie bestellen?",
                "{{fact:p1.title}} kostet {{price:p1}}. Soll ich die Bestellung vorbereiten?",
            ],
            .details: [
                "{{fact:p1.title}}: {{fact:p1.description}}\nDer Preis ist {{price:p1}}. Möchten Sie bestellen?"
            ],
            .compare: ["Im Vergleich:\nROWS\nWas gefällt Ihnen besser?"],
            .confirm: [
                "Sie haben {{fact:cart.line}} gewählt. Der Preis für einen Artikel ist {{price:p1}}. "
                    + "Soll ich die Kasse vorbereiten?",
                "Zur Sicherheit: {{fact:cart.line}}. Der Preis für einen Artikel ist {{price:p1}}. "
                    + "Ist das richtig?",
            ],
            .changed: [
                "Bitte sehen Sie noch mal hin: {{fact:cart.line}}. Der Preis für einen Artikel ist "
                    + "jetzt {{price:p1}}. Soll ich die Kasse vorbereiten?"
            ],
            .checkout: [
                "Ihre Kasse ist bereit. Die Summe ist {{total:c}}. Bitte bezahlen Sie mit dem Knopf.",
                "Alles ist vorbereitet. Die Summe ist {{total:c}}. Bitte bezahlen Sie mit dem Knopf.",
            ],
            .unpaid: [
                "Die Zahlung ist noch nicht da. Die Summe ist {{total:c}}. Bitte bezahlen Sie mit dem Knopf."
            ],
            .paid: [
                "Danke, Ihre Zahlung von {{total:c}} ist da. Ihre Bestellung ist aufgegeben.",
                "Ihre Bestellung ist aufgegeben. Die Zahlung von {{total:c}} ist da. Vielen Dank!",
            ],
            .over: [
                "Diese Kasse ist abgelaufen. Soll ich sie noch mal vorbereiten?"
            ],
            .noOrder: ["Ich sehe in diesem Chat keine Bestellung. Ein Mensch kann weiter nachsehen; soll ich fragen?"],
            .negotiation: [
                "Das verstehe ich. Der Preis für {{fact:p1.title}} ist für Sie {{price:p1}}. Das kann "
                    + "ich nicht ändern.",
                "Ich würde gern helfen. {{fact:p1.title}} kostet Sie {{price:p1}}. Das kann ich nicht ändern.",
            ],
            .negotiationNothing: [
                "Die Preise sind fest. Soll ich etwas suchen, das zu Ihnen passt?"
            ],
            .which: ["Was meinen Sie? Bitte nennen Sie mir den Namen.", "Was davon meinen Sie?"],
            .cancelled: ["Gut, das bestelle ich nicht. Was kann ich sonst für Sie tun?"],
            .handedOff: [
                "Ich gebe Sie an einen Menschen weiter, der hier antwortet.{{fact:agent.contact}}",
                "Ein Mensch übernimmt hier.{{fact:agent.contact}}",
            ],
            .offerPerson: ["Es tut mir leid, ich verstehe das nicht. Möchten Sie mit einem Menschen sprechen?"],
            .thanks: ["Gern geschehen. Kann ich noch etwas für Sie tun?", "Sehr gern! Kann ich sonst noch helfen?"],
            .bye: ["Danke für Ihren Besuch. Auf Wiedersehen!", "Auf Wiedersehen, und vielen Dank!"],
            .unclear: [
                "Das habe ich nicht verstanden. Wonach suchen Sie?",
                "Können Sie das anders sagen? Ich kann Produkte finden, Preise nennen und für Sie bestellen.",
            ],
            .unavailable: ["Das kann ich gerade nicht sagen. Bitte versuchen Sie es gleich noch mal."],
            .checkoutRefused: ["Ich konnte die Kasse nicht vorbereiten. Bitte versuchen Sie es gleich noch mal."],
            .howMany: ["Wie viele möchten Sie?"],
            .policy: ["{{fact:agent.policy}}\nEin Mensch kann Ihnen mehr dazu sagen. Soll ich fragen?"],
            .service: ["Dabei kann Ihnen ein Mensch helfen. Soll ich fragen?"],
            .replaced: ["Die Kasse von vorher ist abgebrochen."],
            .oneAtATime: ["Jedes Produkt hat seine eigene Kasse, also nehmen wir sie nacheinander."],
            .each: [
                "Das sind {{fact:cart.line}}. Der Preis für einen Artikel ist {{price:p1}}. Die Summe sehen "
                    + "Sie an der Kasse. Soll ich sie vorbereiten?"
            ],
            .currency: ["Der Preis für {{fact:p1.title}} ist {{price:p1}}.\n{{fact:shop.currency}}"],
            .whyPrice: ["Für Sie kostet {{fact:p1.title}} {{price:p1}}.\n{{fact:shop.pricing}}"],
            .whyPriceNothing: ["{{fact:shop.pricing}}\nWonach suchen Sie?"],
            .checkoutCancelled: [
                "Gut, die Kasse ist abgebrochen, und es ist nichts bestellt. Was kann ich sonst für Sie tun?"
            ],
            .underway: [
                "Die Kasse ist schon unterwegs, ich kann sie jetzt nicht abbrechen. Bitte fragen Sie gleich noch mal."
            ],
            .tooLate: [
                "Ihre Bestellung ist schon aufgegeben. Ihre Zahlung von {{total:c}} ist da. Ich kann sie hier nicht "
                    + "stornieren. Ein Mensch kann Ihnen helfen; soll ich fragen?"
            ],
            .placed: [
                "Ihre Bestellung ist aufgegeben. Ihre Zahlung von {{total:c}} ist da. Ein Mensch kann Ihnen mehr sagen; "
                    + "soll ich fragen?"
            ],
            .partlyRefunded: [
                "Ihre Bestellung ist aufgegeben. Ihre Zahlung von {{total:c}} ist da. Ein Teil davon wurde an Sie "
                    + "zurückgeschickt. Ein Mensch kann Ihnen mehr sagen; soll ich fragen?"
            ],
            .refunded: [
                "Ihre Bestellung war aufgegeben. Ihre Zahlung von {{total:c}} war da. Alles davon wurde an Sie "
                    + "zurückgeschickt. Ein Mensch kann Ihnen mehr sagen; soll ich fragen?"
            ],
            .automatic: ["Ich bin ein automatischer Assistent, kein Mensch. Möchten Sie mit einem Menschen sprechen?"],
        ], row: "• {{fact:P.title}}: {{price:P}}")
}
