using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace MqttScion.Tests.Diagnostics;

/// <summary>Collects what the meter of one factory measures.</summary>
internal sealed class MeterRecorder : IDisposable
{
    private readonly ConcurrentQueue<Sample> _samples = new();
    private readonly SemaphoreSlim _changed = new(0);
    private readonly MeterListener _listener = new();

    /// <param name="factory">The factory; null for the meter that belongs to none.</param>
    public MeterRecorder(IMeterFactory? factory)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == MqttTelemetry.Name && ReferenceEquals(instrument.Meter.Scope, factory))
            {
                Instruments[instrument.Name] = instrument;
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    public ConcurrentDictionary<string, Instrument> Instruments { get; } = new();

    /// <summary>The next measurement of an instrument that is not measured yet is waited for.</summary>
    public async Task<Sample> FirstAsync(string name)
    {
        while (true)
        {
            if (_samples.FirstOrDefault(s => s.Name == name) is { } sample)
            {
                return sample;
            }
            (await _changed.WaitAsync(TimeSpan.FromSeconds(20))).Should().BeTrue("{0} is measured", name);
        }
    }

    /// <summary>What an observable instrument tells now.</summary>
    public Sample? Observe(string name)
    {
        _listener.RecordObservableInstruments();
        return _samples.LastOrDefault(s => s.Name == name);
    }

    public IReadOnlyList<Sample> All(string name) => [.. _samples.Where(s => s.Name == name)];

    public void Dispose()
    {
        _listener.Dispose();
        _changed.Dispose();
    }

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        _samples.Enqueue(new Sample(instrument.Name, value, tags.ToArray().ToDictionary(t => t.Key, t => t.Value)));
        _changed.Release();
    }

    public sealed record Sample(string Name, double Value, IReadOnlyDictionary<string, object?> Tags);
}
