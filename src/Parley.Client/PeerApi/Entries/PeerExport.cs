using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Crypto.Tls;
using Parley.Protocol.Errors;

namespace Parley.Client.PeerApi.Entries;

/// <summary>What one side hands to the other, and how <c>peers.json</c> takes it in. No secrets: name, place, key, certificate.</summary>
/// <remarks>Members of <c>peers.json</c> that Parley does not know stay as they are.</remarks>
public static class PeerExport
{
    /// <summary>How long an old certificate counts at most beside the new one, whoever says for how long. <value>90 days.</value></summary>
    public static readonly TimeSpan MaxOverlap = TimeSpan.FromDays(90);

    private const int MaxBytes = 64 * 1024;

    private static readonly JsonSerializerOptions _indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly string[] _handedOver = ["host", "port", "verifyKey", "certFingerprint", "certPem", "oldFingerprint", "oldUntil"];

    /// <summary>A new <c>peers.json</c> without peers.</summary>
    /// <param name="name">Our name.</param>
    /// <param name="signingKey">The key, or a reference to it.</param>
    public static string NewFile(string name, string signingKey) => Write(new JsonObject
    {
        ["self"] = new JsonObject { ["name"] = name, ["signingKey"] = signingKey },
        ["peers"] = new JsonObject(),
    });

    /// <summary>What to hand over.</summary>
    /// <param name="self">Us, as an entry.</param>
    /// <param name="certificatePem">The certificate; null leaves it out: the fingerprint is enough.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: the other side would refuse its address.</exception>
    public static string Of(PeerEntry self, string? certificatePem)
    {
        if (!PeerEntry.IsHost(self.Host) || self.Port is < 1 or > ushort.MaxValue)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "Peers reach this machine at a name or an IP address, and a port from 1 to 65535.");
        }

        var given = new JsonObject
        {
            ["name"] = self.Name,
            ["host"] = self.Host,
            ["port"] = self.Port,
            ["verifyKey"] = PeerKeyText.WritePublic(self.VerifyKey.Span),
            ["certFingerprint"] = self.Pin.ToString(),
        };
        if (self.OldPin is { } old)
        {
            given["oldFingerprint"] = old.ToString();
            given["oldUntil"] = self.OldPinUntil.ToUnixTimeSeconds();
        }

        if (certificatePem is not null)
        {
            given["certPem"] = certificatePem;
        }

        return Write(given);
    }

    /// <summary>Adds a peer to the text of <c>peers.json</c>.</summary>
    /// <param name="file">The text of <c>peers.json</c>.</param>
    /// <param name="export">What the peer handed over.</param>
    /// <param name="replaces">Whether an entry of that name is replaced; its token, profile, allow, rate, trust and labels stay.</param>
    /// <param name="now">The time: an old certificate counts for <see cref="MaxOverlap"/> at most.</param>
    /// <returns>The new text and the peer's name.</returns>
    /// <exception cref="ParleyException">
    /// <see cref="ErrorCode.InvalidArgument"/>: the export is none, or its entry is not sound. <see cref="ErrorCode.Conflict"/>: there is such a peer. <see cref="ErrorCode.FileDamaged"/>: the file is damaged.
    /// </exception>
    public static (string Text, string Name) Add(string file, string export, bool replaces, DateTimeOffset now)
    {
        var root = Parse(file) ?? throw Damaged();
        var given = export.Length <= MaxBytes ? Parse(export) : null;
        var name = given?["name"] is JsonValue value && value.TryGetValue<string>(out var text) && PeerEntry.IsName(text) ? text : throw NoExport("it has no sound name");
        var isPresent = root["peers"] is JsonObject;
        var peers = isPresent ? root["peers"]!.AsObject() : [];
        if (!isPresent)
        {
            root["peers"] = peers;
        }

        if (peers[name] is not null && !replaces)
        {
            throw new ParleyException(ErrorCode.Conflict, $"There is a peer '{name}' already: compare keys with its owner, then add it with --replace.");
        }

        var entry = peers[name] as JsonObject ?? [];
        foreach (var member in _handedOver)
        {
            entry.Remove(member);
            if (given![member] is { } told)
            {
                entry[member] = told.DeepClone();
            }
        }

        if (entry["oldUntil"] is JsonValue until && until.TryGetValue<long>(out var seconds))
        {
            entry["oldUntil"] = Bounded(seconds, now);
        }

        peers[name] = entry.Parent is null ? entry : entry.DeepClone();
        Check(root, name);
        return (Write(root), name);
    }

    /// <summary>Puts the keys of a peer's rotation into the text of <c>peers.json</c>: the old certificate stays good until its overlap ends, <see cref="MaxOverlap"/> at most.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.FileDamaged"/>: the file is damaged. <see cref="ErrorCode.NotFound"/>: there is no such peer.</exception>
    public static string TakeOver(string file, string name, ReadOnlySpan<byte> verifyKey, CertificatePin pin, CertificatePin old, long until, DateTimeOffset now)
    {
        var root = Parse(file) ?? throw Damaged();
        var entry = (root["peers"] as JsonObject)?[name] as JsonObject ?? throw new ParleyException(ErrorCode.NotFound, "There is no such peer.");
        entry.Remove("certPem");
        entry["certFingerprint"] = pin.ToString();
        entry["verifyKey"] = PeerKeyText.WritePublic(verifyKey);
        entry["oldFingerprint"] = old.ToString();
        entry["oldUntil"] = Bounded(until, now);
        return Write(root);
    }

    /// <summary>Puts our own new signing key into the text of <c>peers.json</c>.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.FileDamaged"/>: the file is damaged.</exception>
    public static string UseKey(string file, string signingKey)
    {
        var root = Parse(file) ?? throw Damaged();
        var self = root["self"] as JsonObject ?? throw Damaged();
        self["signingKey"] = signingKey;
        return Write(root);
    }

    /// <summary>The file of our signing key, where the text of <c>peers.json</c> names one in its own folder; null otherwise.</summary>
    public static string? KeyFileOf(string file)
    {
        const string Begin = "{{file.", End = "}}";
        return (Parse(file)?["self"] as JsonObject)?["signingKey"] is JsonValue value && value.TryGetValue<string>(out var text) && text.StartsWith(Begin, StringComparison.Ordinal) && text.EndsWith(End, StringComparison.Ordinal) &&
            text[Begin.Length..^End.Length].Trim() is { Length: > 0 } name && name == Path.GetFileName(name) && name is not (".." or ".")
                ? name
                : null;
    }

    private static long Bounded(long until, DateTimeOffset now) => Math.Min(until, (now + MaxOverlap).ToUnixTimeSeconds());

    private static ParleyException Damaged() => new(ErrorCode.FileDamaged, "peers.json is not the JSON object that it should be: correct it, or restore it from a copy. parley peer doctor says where.");

    private static void Check(JsonObject root, string name)
    {
        // A reference may stand for the owner's own token; what was handed over must be sound without any.
        var looked = root.DeepClone().AsObject();
        if (looked["peers"]![name]!["token"] is not null)
        {
            looked["peers"]![name]!["token"] = "any";
        }

        var directory = new PeersReader(static _ => null, static _ => null).Read(System.Text.Encoding.UTF8.GetBytes(Write(looked)));
        if (directory.Problems.FirstOrDefault(problem => problem.StartsWith($"peer '{name}'", StringComparison.Ordinal)) is { } problem)
        {
            throw NoExport(problem);
        }
    }

    private static JsonObject? Parse(string json)
    {
        try
        {
            return JsonNode.Parse(json, null, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 8 }) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Write(JsonObject root) => root.ToJsonString(_indented) + "\n";

    private static ParleyException NoExport(string why) => new(ErrorCode.InvalidArgument, $"This is not what parley peer export prints: {why}.");
}
