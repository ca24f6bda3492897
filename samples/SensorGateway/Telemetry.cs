using System.Diagnostics;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace MqttScion.Samples.SensorGateway;

/// <summary>OpenTelemetry for the client's meter and activity source, both named <c>MqttScion</c>.</summary>
internal sealed class Telemetry : IHostedService, IDisposable
{
    private readonly MeterProvider _meters;
    private readonly TracerProvider _tracers;

    public Telemetry()
    {
        // The exporters read the address from the environment themselves.
        var hasCollector = Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT") is not null;
        var meters = Sdk.CreateMeterProviderBuilder().AddMeter("MqttScion");
        var tracers = Sdk.CreateTracerProviderBuilder().AddSource("MqttScion");
        (_meters, _tracers) = hasCollector
            ? (meters.AddOtlpExporter().Build(), tracers.AddOtlpExporter().Build())
            : (meters.AddReader(new BaseExportingMetricReader(new MetricPrinter())).Build(),
                tracers.AddProcessor(new SimpleActivityExportProcessor(new SpanCounter())).Build());
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // The last figures leave with this.
    public void Dispose()
    {
        _tracers.Dispose();
        _meters.Dispose();
    }

    private sealed class MetricPrinter : BaseExporter<Metric>
    {
        public override ExportResult Export(in Batch<Metric> batch)
        {
            foreach (var metric in batch)
            {
                foreach (ref readonly var point in metric.GetMetricPoints())
                {
                    var value = metric.MetricType == MetricType.Histogram
                        ? $"{point.GetHistogramCount()} times, {point.GetHistogramSum():0.000} s"
                        : $"{point.GetSumLong()} {metric.Unit}";
                    Console.WriteLine($"  metric {metric.Name}: {value}");
                }
            }
            return ExportResult.Success;
        }
    }

    private sealed class SpanCounter : BaseExporter<Activity>
    {
        private int _count;

        public override ExportResult Export(in Batch<Activity> batch)
        {
            _count += (int)batch.Count;
            return ExportResult.Success;
        }

        protected override bool OnShutdown(int timeoutMilliseconds)
        {
            Console.WriteLine($"  spans: {_count}");
            return true;
        }
    }
}
