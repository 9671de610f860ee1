extension Phrasebook {
    static let spanish = Phrasebook(
        wordings: [
            .greeting: [
                "Hola, soy {{fact:agent.name}}. ¿Qué busca hoy?",
                "¡Hola! Soy {{fact:agent.name}}. Dígame qué busca y miro qué tenemos.",
            ],
            .ask: ["¿Qué busca?", "Dígame qué tiene en mente y lo busco."],
            .offer: [
                "Esto es lo que encontré:\nROWS\n¿Sobre cuál quiere saber más?",
                "Esto podría gustarle:\nROWS\n¿Quiere saber más?",
            ],
            .near: ["No he encontrado eso mismo. Lo más parecido es esto:\nROWS\n¿Le gustaría saber más?"],
            .more: ["Aquí hay más:\nROWS\n¿Le gusta algo?", "También hay:\nROWS\n¿Le gusta algo de esto?"],
            .nothingFound: [
                "No encontré nada parecido. ¿Puede describirlo de otra manera?",
                "Lo siento, no encuentro nada así. ¿Puede decirlo de otra forma?",
            ],
            .noMore: ["Eso es todo lo que encaja. ¿Quiere buscar otra cosa?"],
            .price: [
                "El precio de {{fact:p1.title}} es {{price:p1}}. ¿Quiere pedirlo?",
                "{{fact:p1.title}} cuesta {{price:p1}}. ¿Preparo el pedido?",
            ],
            .details: ["{{fact:p1.title}}: {{fact:p1.description}}\nCuesta {{price:p1}}. ¿Quiere pedirlo?"],
            .compare: ["Comparados:\nROWS\n¿Cuál prefiere?"],
            .confirm: [
                "Ha elegido {{fact:cart.line}}. El precio de un artículo es {{price:p1}}. ¿Preparo la compra?",
                "Para confirmar: {{fact:cart.line}}. El precio de un artículo es {{price:p1}}. ¿Es correcto?",
            ],
            .changed: [
                "Mire de nuevo, por favor: {{fact:cart.line}}. El precio de un artículo es ahora "
                    + "{{price:p1}}. ¿Preparo la compra?"
            ],
            .checkout: [
                "Su compra está lista. El total es {{total:c}}. Pulse el botón para pagar, por favor.",
                "Todo está preparado. El total es {{total:c}}. Pulse el botón para pagar, por favor.",
            ],
            .unpaid: [
                "El pago aún no está listo. El total es {{total:c}}. Pulse el botón para pagar, por favor."
            ],
            .paid: [
                "Gracias, su pago de {{total:c}} está confirmado. Su pedido está hecho.",
                "Su pedido está hecho. Su pago de {{total:c}} está confirmado. ¡Gracias!",
            ],
            .over: [
                "Esa compra ha terminado. ¿La preparo de nuevo?"
            ],
            .noOrder: ["No veo ningún pedido en este chat. Una persona puede mirar más; ¿pregunto?"],
            .negotiation: [
                "Lo entiendo. El precio de {{fact:p1.title}} es {{price:p1}} para usted. No puedo cambiarlo.",
                "Me gustaría ayudar. Para usted {{fact:p1.title}} cuesta {{price:p1}}. No puedo cambiarlo.",
            ],
            .negotiationNothing: [
                "Los precios son fijos. ¿Busco algo que le guste?"
            ],
            .which: ["¿A cuál se refiere? Dígame el nombre, por favor.", "¿Cuál de estos?"],
            .cancelled: ["De acuerdo, no lo pido. ¿Qué más puedo hacer por usted?"],
            .handedOff: [
                "Le paso con una persona, que responderá aquí.{{fact:agent.contact}}",
                "Una persona sigue aquí con usted.{{fact:agent.contact}}",
            ],
            .offerPerson: ["Siento no entenderlo. ¿Quiere hablar con una persona?"],
            .thanks: ["De nada. ¿Puedo hacer algo más por usted?", "¡Con gusto! ¿Necesita algo más?"],
            .bye: ["Gracias por su visita. ¡Adiós!", "¡Adiós, y gracias!"],
            .unclear: [
                "No lo he entendido. ¿Qué busca?",
                "¿Puede decirlo de otra forma? Puedo buscar productos, decir precios y hacer pedidos.",
            ],
            .unavailable: ["Ahora no puedo decirlo. Inténtelo de nuevo en un momento, por favor."],
            .checkoutRefused: [
                "No pude preparar la compra. Inténtelo de nuevo en un momento, por favor."
            ],
            .howMany: ["¿Cuántos quiere?"],
            .policy: ["{{fact:agent.policy}}\nUna persona puede decirle más. ¿Pregunto?"],
            .service: ["Con eso puede ayudarle una persona. ¿Pregunto?"],
            .replaced: ["La compra de antes está cancelada."],
            .oneAtATime: ["Cada producto tiene su propia compra, así que vamos por partes."],
            .each: [
                "Es {{fact:cart.line}}. El precio de un artículo es {{price:p1}}. La compra muestra el "
                    + "total. ¿La preparo?"
            ],
            .currency: ["El precio de {{fact:p1.title}} es {{price:p1}}.\n{{fact:shop.currency}}"],
            .whyPrice: ["Para usted {{fact:p1.title}} cuesta {{price:p1}}.\n{{fact:shop.pricing}}"],
            .whyPriceNothing: ["{{fact:shop.pricing}}\n¿Qué busca?"],
            .checkoutCancelled: [
                "De acuerdo, la compra está cancelada y no se ha pedido nada. ¿Qué más puedo hacer por usted?"
            ],
            .underway: [
                "La compra ya está en camino y ahora no puedo cancelarla. Pregunte de nuevo en un momento, por favor."
            ],
            .tooLate: [
                "Su pedido ya está hecho. Su pago de {{total:c}} está confirmado. No puedo cancelarlo aquí. Una persona "
                    + "puede ayudarle; ¿pregunto?"
            ],
            .placed: [
                "Su pedido está hecho. Su pago de {{total:c}} está confirmado. Una persona puede decirle más; ¿pregunto?"
            ],
            .partlyRefunded: [
                "Su pedido está hecho. Su pago de {{total:c}} está confirmado. Una parte se le ha enviado de vuelta. Una "
                    + "persona puede decirle más; ¿pregunto?"
            ],
            .refunded: [
                "Su pedido está hecho. Su pago de {{total:c}} está confirmado. Todo se le ha enviado de vuelta. Una "
                    + "persona puede decirle más; ¿pregunto?"
            ],
            .automatic: ["Soy un asistente automático, no una persona. ¿Quiere hablar con una persona?"],
        ], row: "• {{fact:P.title}}: {{price:P}}")
}
