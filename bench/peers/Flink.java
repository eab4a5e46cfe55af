// The questions of bench/peers/run put to Apache Flink: DataStream, one file in, part files out, event time.
//
//   Flink window|filter|dedup INPUT OUTPUT-DIRECTORY PARALLELISM CHECKPOINT-MS (0: none)
//
// Hand-written for speed: lines stay bytes, a streaming parser takes three members out of each and no tree is built.

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.serialization.Encoder;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.connector.file.src.FileSource;
import org.apache.flink.connector.file.src.reader.SimpleStreamFormat;
import org.apache.flink.connector.file.src.reader.StreamFormat;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;

public class Flink {
	public static class Order {
		public long at;
		public String user;
		public double price;
		public byte[] line;
	}

	/** Lines, without their newline. */
	public static class Lines extends SimpleStreamFormat<byte[]> {
		@Override
		public StreamFormat.Reader<byte[]> createReader(Configuration config, FSDataInputStream in) {
			return new StreamFormat.Reader<byte[]>() {
				private final byte[] buffer = new byte[1 << 18];
				private int from = 0, to = 0;

				@Override
				public byte[] read() throws IOException {
					byte[] held = null;
					for (;;) {
						for (int i = from; i < to; i++) {
							if (buffer[i] == '\n') {
								byte[] line = joined(held, i);
								from = i + 1;
								return line;
							}
						}
						held = joined(held, to);
						from = 0;
						to = Math.max(in.read(buffer, 0, buffer.length), 0);
						if (to == 0)
							return held.length == 0 ? null : held;
					}
				}

				private byte[] joined(byte[] held, int end) {
					if (held == null || held.length == 0)
						return Arrays.copyOfRange(buffer, from, end);
					byte[] all = Arrays.copyOf(held, held.length + end - from);
					System.arraycopy(buffer, from, all, held.length, end - from);
					return all;
				}

				@Override
				public void close() throws IOException {
					in.close();
				}
			};
		}

		@Override
		public TypeInformation<byte[]> getProducedType() {
			return PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO;
		}
	}

	public static class Parse extends RichMapFunction<byte[], Order> {
		private final boolean keepsLine;
		private transient JsonFactory factory;

		Parse(boolean keepsLine) {
			this.keepsLine = keepsLine;
		}

		@Override
		public void open(OpenContext context) {
			factory = new JsonFactory();
		}

		@Override
		public Order map(byte[] line) throws IOException {
			Order order = new Order();
			try (JsonParser p = factory.createParser(line)) {
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
			}
			order.line = keepsLine ? line : null;
			return order;
		}
	}

	public static class Sum {
		public long n;
		public double sum;
	}

	public static class CountAndSum implements AggregateFunction<Order, Sum, Sum> {
		@Override public Sum createAccumulator() { return new Sum(); }
		@Override public Sum add(Order o, Sum s) { s.n++; s.sum += o.price; return s; }
		@Override public Sum getResult(Sum s) { return s; }
		@Override public Sum merge(Sum a, Sum b) { a.n += b.n; a.sum += b.sum; return a; }
	}

	public static class Result extends ProcessWindowFunction<Sum, byte[], String, TimeWindow> {
		@Override
		public void process(String user, Context c, Iterable<Sum> sums, Collector<byte[]> out) {
			Sum s = sums.iterator().next();
			out.collect((user + "\t" + c.window().getStart() + "\t" + s.n + "\t" + Math.round(s.sum * 100))
				.getBytes(StandardCharsets.UTF_8));
		}
	}

	public static class First extends KeyedProcessFunction<String, Order, byte[]> {
		private transient ValueState<Boolean> seen;

		@Override
		public void open(OpenContext context) {
			seen = getRuntimeContext().getState(new ValueStateDescriptor<>("seen", Types.BOOLEAN));
		}

		@Override
		public void processElement(Order o, Context c, Collector<byte[]> out) throws IOException {
			if (seen.value() != null)
				return;
			seen.update(true);
			out.collect(o.line);
		}
	}

	public static class WriteLine implements Encoder<byte[]> {
		@Override
		public void encode(byte[] line, OutputStream to) throws IOException {
			to.write(line);
			to.write('\n');
		}
	}

	public static void main(String[] args) throws Exception {
		String job = args[0];
		Configuration config = new Configuration();
		config.setString("state.backend.type", "hashmap");
		config.setString("taskmanager.memory.network.min", "64m");
		config.setString("pipeline.object-reuse", "true");
		StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(config);
		env.setParallelism(Integer.parseInt(args[3]));
		if (Long.parseLong(args[4]) > 0)
			env.enableCheckpointing(Long.parseLong(args[4]));

		FileSource<byte[]> source = FileSource.forRecordStreamFormat(new Lines(), new Path(args[1])).build();
		DataStream<Order> orders = env.fromSource(source, WatermarkStrategy.noWatermarks(), "file")
			.map(new Parse(!job.equals("window")))
			.assignTimestampsAndWatermarks(
				WatermarkStrategy.<Order>forBoundedOutOfOrderness(Duration.ZERO).withTimestampAssigner((o, t) -> o.at));
		DataStream<byte[]> out;

		switch (job) {
		case "window":
			out = orders.keyBy(o -> o.user).window(TumblingEventTimeWindows.of(Duration.ofSeconds(10)))
				.aggregate(new CountAndSum(), new Result());
			break;
		case "filter":
			out = orders.filter(o -> o.price > 900 && o.user.endsWith("7")).map(o -> o.line)
				.returns(PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO);
			break;
		case "dedup":
			out = orders.keyBy(o -> o.user).process(new First());
			break;
		default:
			throw new IllegalArgumentException(job);
		}
		out.sinkTo(FileSink.forRowFormat(new Path(args[2]), new WriteLine()).build());
		env.execute(job);
	}
}
