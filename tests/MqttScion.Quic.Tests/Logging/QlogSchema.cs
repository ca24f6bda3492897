using System.Text.Json;

namespace MqttScion.Quic.Tests;

/// <summary>
/// The rules of draft-ietf-quic-qlog-main-schema-05 and draft-ietf-quic-qlog-quic-events-04 that our events are under:
/// which fields an event must have and may have, and which texts.
/// </summary>
internal static class QlogSchema
{
    private const string Raw = "raw";

    // A field with ? may be missing.
    private static readonly Dictionary<string, string> Events = new()
    {
        ["connectivity:connection_started"] =
            "?ip_version src_ip dst_ip ?protocol ?src_port ?dst_port ?src_cid ?dst_cid",
        ["connectivity:connection_closed"] =
            "?owner ?connection_code ?application_code ?internal_code ?reason ?trigger",
        ["connectivity:connection_state_updated"] = "?old new",
        ["connectivity:mtu_updated"] = "?old new ?done",
        // These two are of later versions of the schema.
        ["connectivity:path_assigned"] = "path_id max_datagram_size",
        ["connectivity:migration_state_updated"] = "new path_id",
        ["transport:version_information"] = "?server_versions ?client_versions ?chosen_version",
        ["transport:alpn_information"] = "?server_alpns ?client_alpns ?chosen_alpn",
        ["transport:parameters_set"] =
            "?owner ?original_destination_connection_id ?initial_source_connection_id ?retry_source_connection_id "
            + "?disable_active_migration ?max_idle_timeout ?max_udp_payload_size ?ack_delay_exponent ?max_ack_delay "
            + "?active_connection_id_limit ?initial_max_data ?initial_max_stream_data_bidi_local "
            + "?initial_max_stream_data_bidi_remote ?initial_max_stream_data_uni ?initial_max_streams_bidi "
            + "?initial_max_streams_uni ?max_datagram_frame_size "
            + "?grease_quic_bit",
        ["transport:packet_sent"] =
            "header ?frames ?is_coalesced ?retry_token ?supported_versions ?raw ?is_mtu_probe_packet ?trigger",
        ["transport:packet_received"] =
            "header ?frames ?is_coalesced ?retry_token ?supported_versions ?raw ?trigger",
        ["transport:packet_dropped"] = "?header ?raw ?details ?trigger",
        ["transport:packet_buffered"] = "?header ?raw ?trigger",
        // "new" is the key itself, which the schema wants and nobody writes; the final version lets it be missing.
        ["security:key_updated"] = "key_type ?generation ?trigger",
        ["security:key_discarded"] = "key_type ?generation ?trigger",
        ["recovery:parameters_set"] =
            "?reordering_threshold ?time_threshold timer_granularity ?initial_rtt ?max_datagram_size "
            + "?initial_congestion_window ?minimum_congestion_window ?persistent_congestion_threshold "
            + "?congestion_control",
        ["recovery:metrics_updated"] =
            "?min_rtt ?smoothed_rtt ?latest_rtt ?rtt_variance ?pto_count ?congestion_window ?bytes_in_flight",
        ["recovery:congestion_state_updated"] = "?old new",
        ["recovery:loss_timer_updated"] = "?timer_type ?packet_number_space event_type",
        ["recovery:packet_lost"] = "?header ?frames ?is_mtu_probe_packet ?trigger",
        ["recovery:marked_for_retransmit"] = "frames",
    };

    private static readonly Dictionary<string, string> Frames = new()
    {
        ["padding"] = "?length payload_length",
        ["ping"] = "",
        ["ack"] = "?ack_delay ?acked_ranges ?ect0 ?ect1 ?ce",
        ["reset_stream"] = "stream_id error_code final_size",
        ["stop_sending"] = "stream_id error_code",
        ["crypto"] = "offset length",
        ["new_token"] = "token",
        ["stream"] = "stream_id offset length ?fin",
        ["max_data"] = "maximum",
        ["max_stream_data"] = "stream_id maximum",
        ["max_streams"] = "stream_type maximum",
        ["data_blocked"] = "limit",
        ["stream_data_blocked"] = "stream_id limit",
        ["streams_blocked"] = "stream_type limit",
        ["new_connection_id"] = "sequence_number retire_prior_to ?connection_id_length connection_id",
        ["retire_connection_id"] = "sequence_number",
        ["path_challenge"] = "?data",
        ["path_response"] = "?data",
        ["connection_close"] = "?error_space ?error_code ?error_code_value ?reason ?trigger_frame_type",
        ["handshake_done"] = "",
        ["unknown"] = "frame_type_value ?raw",
        ["datagram"] = "?length",
    };

    private static readonly Dictionary<string, string> Texts = new()
    {
        ["packet_type"] = "initial handshake 0RTT 1RTT retry version_negotiation stateless_reset unknown",
        ["owner"] = "local remote",
        ["stream_type"] = "unidirectional bidirectional",
        ["error_space"] = "transport application",
        ["packet_number_space"] = "initial handshake application_data",
        ["timer_type"] = "ack pto",
        ["event_type"] = "set expired cancelled",
        ["key_type"] =
            "server_initial_secret client_initial_secret server_handshake_secret client_handshake_secret "
            + "server_0rtt_secret client_0rtt_secret server_1rtt_secret client_1rtt_secret",
    };

    private static readonly Dictionary<string, string> Triggers = new()
    {
        ["connectivity:connection_closed"] =
            "clean handshake_timeout idle_timeout error stateless_reset version_mismatch application",
        ["transport:packet_dropped"] =
            "internal_error rejected unsupported invalid connection_unknown decryption_failure general",
        ["transport:packet_buffered"] = "backpressure keys_unavailable",
        ["security:key_updated"] = "tls remote_update local_update",
        ["security:key_discarded"] = "tls remote_update local_update",
        ["recovery:packet_lost"] = "reordering_threshold time_threshold pto_expired",
    };

    public static void CheckHeader(JsonElement header)
    {
        header.GetProperty("qlog_version").GetString().Should().Be("0.3");
        header.GetProperty("qlog_format").GetString().Should().Be("JSON-SEQ");
        var trace = header.GetProperty("trace");
        trace.GetProperty("vantage_point").GetProperty("type").GetString().Should().BeOneOf("client", "server");
        var common = trace.GetProperty("common_fields");
        common.GetProperty("time_format").GetString().Should().Be("relative");
        common.GetProperty("reference_time").ValueKind.Should().Be(JsonValueKind.Number);
        common.GetProperty("group_id").GetString().Should().MatchRegex("^([0-9a-f]{2})+$");
    }

    public static void Check(QlogEvent item)
    {
        item.Time.Should().BeGreaterThanOrEqualTo(0);
        Events.Should().ContainKey(item.Name);
        CheckFields(item.Data, Events[item.Name], item.Name);
        CheckTexts(item.Data);
        if (item.Text("trigger") is { } trigger && Triggers.TryGetValue(item.Name, out var triggers))
            trigger.Should().BeOneOf(triggers.Split(' '));
        foreach (var frame in item.Frames)
            CheckFrame(frame, isComplete: item.Name != "recovery:marked_for_retransmit");
        if (item.Data.TryGetProperty("header", out var header))
        {
            const string fields = "packet_type ?packet_number ?flags ?token ?version ?scil ?dcil ?scid ?dcid";
            CheckFields(header, fields, item.Name);
            CheckTexts(header);
        }

        if (item.Data.TryGetProperty(Raw, out var raw))
            CheckFields(raw, "?length ?payload_length", item.Name);
    }

    private static void CheckFrame(JsonElement frame, bool isComplete)
    {
        var type = frame.GetProperty("frame_type").GetString()!;
        Frames.Should().ContainKey(type);
        // What is marked for retransmission is known by its place only.
        var fields = isComplete ? Frames[type] : Frames[type].Replace(" ", " ?", StringComparison.Ordinal);
        CheckFields(frame, "frame_type " + (isComplete ? fields : "?" + fields), type);
        CheckTexts(frame);
    }

    private static void CheckTexts(JsonElement element)
    {
        foreach (var field in element.EnumerateObject())
        {
            if (Texts.TryGetValue(field.Name, out var texts))
                field.Value.GetString().Should().BeOneOf(texts.Split(' '));
        }
    }

    private static void CheckFields(JsonElement element, string fields, string of)
    {
        var known = fields.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var there = element.EnumerateObject().Select(static field => field.Name).ToArray();
        there.Should().OnlyHaveUniqueItems();
        there.Should().BeSubsetOf(known.Select(static name => name.TrimStart('?')), of);
        known.Where(static name => name[0] != '?').Should().BeSubsetOf(there, of);
    }
}
