using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace MqttScion.Samples.SensorGateway;

/// <summary>OpenTelemetry for the client's meter and activity source.</summary>
internal static class Telemetry
{
    private const string EndPoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>Sends them to the collector that the environment names; without one, prints what was sent.</summary>
    public static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        var telemetry = builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics.AddMeter(MqttTelemetry.Name))
            .WithTracing(traces => traces.AddSource(MqttTelemetry.Name));
        if (builder.Configuration[EndPoint] is not null)
        {
            telemetry.UseOtlpExporter();
            return;
        }
        telemetry.WithMetrics(metrics => metrics.AddReader(new BaseExportingMetricReader(new SentPrinter())));
    }

    // The control room of this demonstration, in the same process, only receives: what is sent is the gateway's.
    private sealed class SentPrinter : BaseExporter<Metric>
    {
        public override ExportResult Export(in Batch<Metric> batch)
        {
            foreach (var metric in batch)
            {
                foreach (ref readonly var point in metric.GetMetricPoints())
                {
                    if (metric.Name == "messaging.client.sent.messages")
                    {
                        Console.WriteLine($"  metric {metric.Name}: {point.GetSumLong()}");
                    }
                }
            }
            return ExportResult.Success;
        }
    }
}
