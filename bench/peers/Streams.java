// The questions of bench/peers/run put to Kafka Streams: a topic in, a topic out, event time, state in memory.
//
//   Streams window|filter|dedup BROKERS IN-TOPIC OUT-TOPIC RECORDS STATE-DIRECTORY
//
// A record's key is its user, so nothing has to be written to a topic between.  Leaves when it has taken RECORDS records
// and what they gave is written.

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Suppressed;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

public class Streams {
	static final JsonFactory FACTORY = new JsonFactory();

	static class Order {
		long at;
		String user = "";
		double price;
		byte[] line;
	}

	static Order parse(byte[] line) {
		Order order = new Order();
		try (JsonParser p = FACTORY.createParser(line)) {
			p.nextToken();
			while (p.nextToken() == JsonToken.FIELD_NAME) {
				String name = p.currentName();
				p.nextToken();
				switch (name) {
				case "at": order.at = p.getLongValue(); break;
				case "user": order.user = p.getText(); break;
				case "price": order.price = p.getDoubleValue(); break;
				default: p.skipChildren();
				}
			}
		} catch (IOException e) {
			throw new IllegalStateException(e);
		}
		order.line = line;
		return order;
	}

	/** Count and sum, as 16 bytes. */
	static byte[] add(byte[] old, double price) {
		ByteBuffer from = ByteBuffer.wrap(old);
		return ByteBuffer.allocate(16).putLong(from.getLong() + 1).putDouble(from.getDouble() + price).array();
	}

	/** Between operators nothing is serialised but what is stored. */
	static Serde<Order> orders() {
		return Serdes.serdeFrom((t, o) -> o.line, (t, b) -> parse(b));
	}

	/** The first record of each user. */
	static class First implements FixedKeyProcessor<String, Order, byte[]> {
		private FixedKeyProcessorContext<String, byte[]> context;
		private KeyValueStore<String, Boolean> seen;

		@Override
		public void init(FixedKeyProcessorContext<String, byte[]> context) {
			this.context = context;
			seen = context.getStateStore("seen");
		}

		@Override
		public void process(FixedKeyRecord<String, Order> record) {
			if (seen.putIfAbsent(record.value().user, true) == null)
				context.forward(record.withValue(record.value().line));
		}
	}

	public static void main(String[] args) throws Exception {
		String job = args[0];
		long   records = Long.parseLong(args[4]);
		Properties p = new Properties();
		p.put(StreamsConfig.APPLICATION_ID_CONFIG, "peer-" + args[3]);
		p.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, args[1]);
		p.put(StreamsConfig.STATE_DIR_CONFIG, args[5]);
		p.put("auto.offset.reset", "earliest");
		p.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 1000);
		AtomicLong seen = new AtomicLong();
		CountDownLatch all = new CountDownLatch(1);
		StreamsBuilder b = new StreamsBuilder();
		KStream<String, Order> in = b
			.stream(args[2], Consumed.with(Serdes.String(), orders()).withTimestampExtractor((r, t) -> ((Order) r.value()).at))
			.peek((k, o) -> { if (seen.incrementAndGet() == records) all.countDown(); });

		switch (job) {
		case "window":
			in.groupByKey(Grouped.with(Serdes.String(), orders()))
				.windowedBy(TimeWindows.ofSizeWithNoGrace(Duration.ofSeconds(10)))
				.aggregate(() -> new byte[16], (user, o, sum) -> add(sum, o.price),
					Materialized.<String, byte[]>as(Stores.inMemoryWindowStore("sums", Duration.ofSeconds(20),
						Duration.ofSeconds(10), false)).withKeySerde(Serdes.String()).withValueSerde(Serdes.ByteArray())
						.withLoggingDisabled())
				.suppress(Suppressed.untilWindowCloses(Suppressed.BufferConfig.unbounded().withLoggingDisabled()))
				.toStream()
				.map((w, sum) -> {
					ByteBuffer s = ByteBuffer.wrap(sum);
					return KeyValue.pair((byte[]) null, (w.key() + "\t" + w.window().start() + "\t" + s.getLong() + "\t"
						+ Math.round(s.getDouble() * 100)).getBytes(StandardCharsets.UTF_8));
				})
				.to(args[3], Produced.with(Serdes.ByteArray(), Serdes.ByteArray()));
			break;
		case "filter":
			in.filter((k, o) -> o.price > 900 && o.user.endsWith("7")).mapValues(o -> o.line)
				.to(args[3], Produced.with(Serdes.String(), Serdes.ByteArray()));
			break;
		case "dedup":
			b.addStateStore(Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore("seen"), Serdes.String(), Serdes.Boolean())
				.withLoggingDisabled());
			in.processValues(First::new, "seen").to(args[3], Produced.with(Serdes.String(), Serdes.ByteArray()));
			break;
		default:
			throw new IllegalArgumentException(job);
		}
		KafkaStreams streams = new KafkaStreams(b.build(), p);
		streams.start();
		all.await();
		streams.close(Duration.ofSeconds(60));
	}
}
