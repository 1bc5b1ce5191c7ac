using System.Text.Json;
using Parley.Hub.Connections;
using Parley.Hub.Connections.Secrets;
using Parley.Hub.Connections.State;
using Parley.Hub.Connections.Webhooks;
using Parley.Protocol.Errors;
using Parley.Protocol.Management;

namespace Parley.Hub.Management;

/// <summary>Between a connection as callers write and read it and the one that the hub keeps. Pure.</summary>
internal static class ConnectionForm
{
    /// <summary>What stands for a credential that is not shown; given back in an update it keeps what is there.</summary>
    public const string Hidden = "***";

    private const int MaxEvents = 100;

    /// <summary>The settings of both places as one.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: a member stands in both.</exception>
    public static ConnectionSettings Join(ConnectionArguments arguments)
    {
        var inner = arguments.Config ?? new ConnectionSettings();
        return new ConnectionSettings(
            One(inner.Url, arguments.Url, "url"),
            One(inner.Events, arguments.Events, "events"),
            inner.Filter is not null && arguments.Filter is not null ? throw Twice("filter") : inner.Filter ?? arguments.Filter,
            One(inner.Fields, arguments.Fields, "fields"),
            One(inner.Auth, arguments.Auth, "auth"),
            One(inner.Headers, arguments.Headers, "headers"),
            inner.TargetAgentId is null || arguments.TargetAgentId is null || inner.TargetAgentId == arguments.TargetAgentId
                ? inner.TargetAgentId ?? arguments.TargetAgentId
                : throw Twice("target_agent_id"),
            inner.Ordered ?? arguments.Ordered,
            One(inner.Log, arguments.Log, "log"),
            One(inner.ReplyTo, arguments.ReplyTo, "reply_to"));
    }

    /// <summary>Reads the kind; a connection with an address and no word is a webhook.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>.</exception>
    public static ConnectionKind KindOf(string? text) => text switch
    {
        null or "webhook" => ConnectionKind.Webhook,
        "direct" => ConnectionKind.Direct,
        _ => throw new ParleyException(ErrorCode.InvalidArgument, "A connection_type is webhook or direct.") { Field = "connection_type" },
    };

    /// <summary>What is kept of the settings; what an update does not name stays.</summary>
    public static ConnectionConfig ConfigOf(ConnectionSettings settings, ConnectionConfig? old)
    {
        var events = settings.Events ?? old?.Events ?? ["*"];
        if (events.Count is 0 or > MaxEvents)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, $"A connection names 1 to {MaxEvents} types of events.") { Field = "events" };
        }

        if (settings.Fields is { } fields)
        {
            SharedFields.Check(fields);
        }

        // {} takes everything again; null is what a caller sends who does not care.
        var filter = settings.Filter is { ValueKind: not JsonValueKind.Null } given ? given.Clone() : old?.Filter;
        return new ConnectionConfig(settings.Url ?? old?.Url, events, filter, settings.Fields ?? old?.Fields, settings.Ordered ?? old?.IsOrdered ?? false, LogOf(settings.Log, old?.Log)) { ReplyTo = old?.ReplyTo };
    }

    /// <summary>The credentials and headers to keep.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>.</exception>
    public static EndpointSecrets SecretsOf(ConnectionSettings settings, EndpointSecrets old)
    {
        var headers = settings.Headers is { } given ? HeadersOf(given, old.Headers) : old.Headers;
        WebhookHeaders.Check(headers);
        return old with { Headers = headers, Auth = settings.Auth is { } auth ? AuthOf(auth, old.Auth) : old.Auth };
    }

    /// <summary>The connection as callers see it.</summary>
    public static ConnectionView ViewOf(Connection connection, (long Pending, long Dead) counts, string? secret = null, IReadOnlyList<string>? warnings = null) => new(
        connection.Id, connection.Owner, connection.Source, connection.Target?.ToString(), connection.Kind == ConnectionKind.Direct ? "direct" : "webhook",
        SettingsOf(connection), StatusOf(connection.Status), connection.Reason.Length > 0 ? connection.Reason : null, connection.FailingSince,
        connection.CreatedBy, connection.CreatedAt, connection.UpdatedAt, counts.Pending, counts.Dead, secret, warnings is { Count: > 0 } ? warnings : null);

    /// <summary>Every text of a connection in which secrets may be named.</summary>
    public static IEnumerable<string> SecretNamesIn(Connection connection)
    {
        var auth = connection.Secrets.Auth;
        string?[] texts = [connection.Config.Url, auth?.Token, auth?.Username, auth?.Password, auth?.Value, .. connection.Secrets.Headers.Values];
        return texts.OfType<string>().SelectMany(SecretTemplate.NamesIn).Distinct();
    }

    private static ConnectionSettings SettingsOf(Connection connection) => new(
        connection.Config.Url,
        connection.Config.Events,
        connection.Config.Filter,
        connection.Config.Fields,
        connection.Secrets.Auth is { } auth ? new ConnectionAuth(auth.Type, Shown(auth.Token), Shown(auth.Username), Shown(auth.Password), auth.Name, Shown(auth.Value)) : null,
        connection.Secrets.Headers.Count > 0 ? connection.Secrets.Headers.ToDictionary(header => header.Key, header => Shown(header.Value)!) : null,
        null,
        connection.Config.IsOrdered ? true : null,
        connection.Config.Log?.ToString().ToLowerInvariant(),
        connection.Config.ReplyTo);

    private static MessageLogMode? LogOf(string? text, MessageLogMode? old) => text switch
    {
        null => old,
        "default" => null,
        "full" => MessageLogMode.Full,
        "metadata" => MessageLogMode.Metadata,
        "off" => MessageLogMode.Off,
        _ => throw new ParleyException(ErrorCode.InvalidArgument, "A log is full, metadata or off, or default for the hub's.") { Field = "config.log" },
    };

    private static string StatusOf(ConnectionStatus status) => status switch
    {
        ConnectionStatus.Active => "active",
        ConnectionStatus.Paused => "paused",
        _ => "disabled",
    };

    private static Dictionary<string, string> HeadersOf(IReadOnlyDictionary<string, string> given, IReadOnlyDictionary<string, string> old)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, text) in given)
        {
            if (Kept(text, old.GetValueOrDefault(name)) is not { } value || !headers.TryAdd(name, value))
            {
                throw new ParleyException(ErrorCode.InvalidArgument, "Each header stands there once, with a value.") { Field = "config.headers" };
            }
        }

        return headers;
    }

    private static EndpointAuth AuthOf(ConnectionAuth auth, EndpointAuth? old)
    {
        var kept = new EndpointAuth(
            auth.Type, Kept(auth.Token, old?.Token), Kept(auth.Username, old?.Username), Kept(auth.Password, old?.Password), auth.Name, Kept(auth.Value, old?.Value));
        var isWhole = kept.Type switch
        {
            "bearer" => kept.Token is not null,
            "basic" => kept.Username is not null && kept.Password is not null,
            "header" => kept.Name is not null && kept.Value is not null,
            _ => false,
        };
        if (!isWhole)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "auth is bearer with token, basic with username and password, or header with name and value.") { Field = "config.auth" };
        }

        foreach (var text in new[] { kept.Token, kept.Value }.OfType<string>())
        {
            WebhookHeaders.CheckValue(text);
        }

        if (kept.Name is not null)
        {
            WebhookHeaders.Check(new Dictionary<string, string> { [kept.Name] = kept.Value ?? string.Empty });
        }

        return kept;
    }

    // A text that is nothing but names of secrets tells no secret.
    private static string? Shown(string? text) => text is null || SecretTemplate.IsNamesAlone(text) ? text : Hidden;

    private static string? Kept(string? given, string? old) => given == Hidden ? old : given;

    private static T? One<T>(T? inner, T? beside, string name)
        where T : class => inner is not null && beside is not null ? throw Twice(name) : inner ?? beside;

    private static ParleyException Twice(string name) => new(ErrorCode.InvalidArgument, $"{name} stands in two places: in config and beside it.") { Field = name };
}
