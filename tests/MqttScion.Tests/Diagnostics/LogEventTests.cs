using System.Reflection;
using Microsoft.Extensions.Logging;
using MqttScion.Proxy;

namespace MqttScion.Tests.Diagnostics;

/// <summary>Rule 38: event names are API; so are their numbers.</summary>
public sealed class LogEventTests
{
    [Theory]
    [InlineData(typeof(ScionMqttClient), "MqttScion.ClientLog")]
    [InlineData(typeof(MqttProxy), "MqttScion.Proxy.ProxyLog")]
    public void Events_have_names_and_numbers_of_their_own(Type neighbour, string log)
    {
        var events = EventsOf(neighbour.Assembly.GetType(log)!).ToList();

        events.Should().NotBeEmpty();
        events.Select(e => e.Event.Name).Should().Equal(events.Select(e => e.Method));
        events.Select(e => e.Event.Id).Should().OnlyHaveUniqueItems().And.NotContain(0);
    }

    [Fact]
    public void Numbers_of_the_clients_events_are_written_down_and_so_stay()
    {
        var numbers = EventsOf(typeof(ClientLog)).ToDictionary(e => e.Method, e => e.Event.Id);

        numbers.Values.Should().OnlyContain(number => number >= 1 && number < 1000);
        (numbers[nameof(ClientLog.Connected)], numbers[nameof(ClientLog.Reconnecting)],
            numbers[nameof(ClientLog.GaveUp)]).Should().Be((3, 6, 25));
    }

    private static IEnumerable<(string Method, EventId Event)> EventsOf(Type log)
    {
        foreach (var method in log.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
            .Where(m => m.IsDefined(typeof(LoggerMessageAttribute))))
        {
            var events = new EventList();
            var arguments = method.GetParameters().Select(p => p.ParameterType == typeof(ILogger)
                ? events
                : p.ParameterType.IsValueType ? Activator.CreateInstance(p.ParameterType) : null);
            method.Invoke(null, [.. arguments]);
            yield return (method.Name, events.Seen.Single());
        }
    }

    private sealed class EventList : ILogger
    {
        public List<EventId> Seen { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter) =>
            Seen.Add(eventId);
    }
}
