package dev.guardrail.server.cli;

import dev.guardrail.pack.PackTest;
import java.io.StringWriter;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/// Results of policy cases in the XML that continuous integration reads.
final class JunitXml {
    private JunitXml() {}

    static String of(PackTest.Report report) {
        var text = new StringWriter();
        try {
            XMLStreamWriter xml = XMLOutputFactory.newFactory().createXMLStreamWriter(text);
            long failed =
                    report.results().stream().filter(result -> !result.kept()).count();
            xml.writeStartDocument("UTF-8", "1.0");
            xml.writeStartElement("testsuite");
            xml.writeAttribute("name", "policies");
            xml.writeAttribute("tests", Integer.toString(report.results().size()));
            xml.writeAttribute("failures", Long.toString(failed));
            for (PackTest.Result result : report.results()) write(xml, result);
            xml.writeEndElement();
            xml.writeEndDocument();
            xml.close();
        } catch (XMLStreamException impossible) {
            throw new IllegalStateException("a string takes all XML", impossible);
        }
        return text.toString();
    }

    private static void write(XMLStreamWriter xml, PackTest.Result result) throws XMLStreamException {
        xml.writeStartElement("testcase");
        xml.writeAttribute("classname", result.promise().position());
        xml.writeAttribute("name", Screen.safe(result.promise().name()));
        if (!result.kept()) {
            xml.writeStartElement("failure");
            xml.writeCharacters(Screen.safe(String.join("; ", result.failures())));
            xml.writeEndElement();
        }
        xml.writeEndElement();
    }
}
