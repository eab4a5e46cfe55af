// The questions of bench/peers/run put to Spark, structured streaming: one file in, part files out, event time.
//
//   Spark window|filter|dedup INPUT-DIRECTORY OUTPUT-DIRECTORY THREADS CHECKPOINT-DIRECTORY
//
// It closes no window at the end of its input: a record far in the future has to be there.

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.from_json;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.timestamp_millis;
import static org.apache.spark.sql.functions.window;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.Trigger;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

public class Spark {
	public static void main(String[] args) throws Exception {
		SparkSession spark = SparkSession.builder().master("local[" + args[3] + "]")
			.config("spark.ui.enabled", "false").config("spark.sql.shuffle.partitions", args[3]).getOrCreate();
		spark.sparkContext().setLogLevel("ERROR");
		StructType order = new StructType().add("at", DataTypes.LongType).add("user", DataTypes.StringType)
			.add("price", DataTypes.DoubleType);
		Dataset<Row> lines = spark.readStream().text(args[1]);
		Dataset<Row> orders = lines.select(col("value"), from_json(col("value"), order).as("o"))
			.select(col("value"), col("o.user"), col("o.price"), timestamp_millis(col("o.at")).as("at"));
		Dataset<Row> out;

		switch (args[0]) {
		case "window":
			out = orders.withWatermark("at", "0 seconds").groupBy(window(col("at"), "10 seconds").as("w"), col("user"))
				.agg(count("*").as("n"), sum("price").as("sum"))
				.selectExpr("concat_ws('\t', user, unix_millis(w.start), n, cast(round(sum * 100) as bigint)) as value");
			break;
		case "filter":
			out = orders.filter(col("price").gt(900).and(col("user").endsWith("7"))).select("value");
			break;
		case "dedup":
			out = orders.dropDuplicates("user").select("value");
			break;
		default:
			throw new IllegalArgumentException(args[0]);
		}
		out.writeStream().format("text").option("path", args[2]).option("checkpointLocation", args[4])
			.outputMode("append").trigger(Trigger.AvailableNow()).start().awaitTermination();
		spark.stop();
	}
}
