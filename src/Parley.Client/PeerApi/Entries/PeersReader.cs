using System.Text.Json;
using Parley.Crypto;
using Parley.Crypto.Tls;
using Parley.Protocol.Errors;

namespace Parley.Client.PeerApi.Entries;

/// <summary>Reads <c>peers.json</c>. Pure: what a reference stands for is asked of its caller.</summary>
/// <remarks>An entry that is wrong is skipped with a sentence, the others work. Unknown members are other programs' business.</remarks>
/// <param name="environment">The value of a variable, for <c>{{env.NAME}}</c>; null when it is not set.</param>
/// <param name="file">The text of a file, for <c>{{file.PATH}}</c>; null when there is none.</param>
public sealed class PeersReader(Func<string, string?> environment, Func<string, string?> file)
{
    private const int MaxDepth = 8;
    private const int MaxTrust = 3;
    private const int MaxHopsLimit = 255;

    /// <summary>The year 9999 begins: what dates can say.</summary>
    private const long MaxSeconds = 253370764800;

    private const string EnvironmentPrefix = "env.";
    private const string FilePrefix = "file.";
    private static readonly TimeSpan _maxTimeout = TimeSpan.FromHours(1);

    /// <summary>Reads the file's bytes.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.FileDamaged"/>: they are no JSON object.</exception>
    public PeerDirectory Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false });
            return document.RootElement.ValueKind == JsonValueKind.Object ? ReadRoot(document.RootElement) : throw new JsonException();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            var place = exception is JsonException { LineNumber: { } line, BytePositionInLine: { } at } ? $" (line {line + 1}, byte {at + 1})" : string.Empty;
            throw new ParleyException(ErrorCode.FileDamaged, $"peers.json is not the JSON object that it should be{place}.", exception);
        }
    }

    private PeerDirectory ReadRoot(JsonElement root)
    {
        var problems = new List<string>();
        var self = Find(root, "self") is { ValueKind: JsonValueKind.Object } found ? found : default;
        var name = Try("self", problems, () => NameOf(self)) ?? PeerDirectory.Empty.Name;
        var key = Try("self", problems, () => KeyOf(self));
        var peers = new Dictionary<string, PeerEntry>(StringComparer.Ordinal);
        if (Find(root, "peers") is { ValueKind: JsonValueKind.Object } entries)
        {
            foreach (var member in entries.EnumerateObject())
            {
                if (Try($"peer '{Shown(member.Name)}'", problems, () => EntryOf(member.Name, member.Value, name)) is { } entry)
                {
                    peers[entry.Name] = entry;
                }
            }
        }

        return new PeerDirectory(name, key, peers, problems)
        {
            MaxHops = Try("maxHops", problems, () => (int?)Number(root, "maxHops", 1, MaxHopsLimit, PeerDirectory.DefaultMaxHops)) ?? PeerDirectory.DefaultMaxHops,
            Timeout = TimeSpan.FromMilliseconds(
                Try("timeoutMs", problems, () => (int?)Number(root, "timeoutMs", 1, (int)_maxTimeout.TotalMilliseconds, (int)PeerDirectory.DefaultTimeout.TotalMilliseconds))
                ?? PeerDirectory.DefaultTimeout.TotalMilliseconds),
        };
    }

    private static string NameOf(JsonElement self) =>
        Text(self, "name") is { } name && PeerEntry.IsName(name) ? name : throw Wrong("name is missing, or has other characters than letters, digits, '.', '_' and '-'");

    private Ed25519Key? KeyOf(JsonElement self) => Secret(self, "signingKey") is { } text ? PeerKeyText.ReadPrivate(text) : null;

    private PeerEntry EntryOf(string name, JsonElement entry, string self)
    {
        if (entry.ValueKind != JsonValueKind.Object || !PeerEntry.IsName(name) || name == self)
        {
            throw Wrong(name == self ? "it has our own name" : "it is no object, or its name has other characters than letters, digits, '.', '_' and '-'");
        }

        var host = Text(entry, "host") is { } given && PeerEntry.IsHost(given) ? given : throw Wrong("host is missing, or is no name or address");
        var token = Secret(entry, "token");
        var key = Secret(entry, "verifyKey") is { } text ? PeerKeyText.ReadPublic(text) : [];
        var profile = ProfileOf(entry, token, key.Length > 0);
        return new PeerEntry(name, host, Number(entry, "port", 1, ushort.MaxValue, PeerEntry.DefaultPort), PinOf(entry, profile, key), profile)
        {
            OldPin = OldPinOf(entry),
            OldPinUntil = Find(entry, "oldUntil") is { ValueKind: JsonValueKind.Number } until && until.TryGetInt64(out var seconds) && seconds is >= 0 and < MaxSeconds ? DateTimeOffset.FromUnixTimeSeconds(seconds) : default,
            Token = token,
            VerifyKey = key,
            IsTextSigned = IsTextSigned(entry, profile, key),
            Allow = AllowOf(entry),
            Rate = RateOf(entry),
            Trust = Number(entry, "trust", 0, MaxTrust, PeerEntry.DefaultTrust),
            Labels = LabelsOf(entry),
        };
    }

    private CertificatePin PinOf(JsonElement entry, PeerProfile profile, byte[] key)
    {
        // There the certificate's key is the signing key, which is pinned already.
        if (profile == PeerProfile.AbtarsReqV1 && Find(entry, "certFingerprint") is null && Find(entry, "certPem") is null)
        {
            return CertificatePin.OfKeyHash(PeerKeyText.HashOf(key));
        }

        try
        {
            return CertificatePin.FromEntry(Secret(entry, "certFingerprint"), Secret(entry, "certPem"));
        }
        catch (TlsException exception)
        {
            throw Wrong(exception.Message.TrimEnd('.'));
        }
    }

    private CertificatePin? OldPinOf(JsonElement entry) => Secret(entry, "oldFingerprint") switch
    {
        null => null,
        { } text when CertificatePin.TryParseHash(text, out var pin) => pin,
        _ => throw Wrong("oldFingerprint is no fingerprint"),
    };

    private static PeerProfile ProfileOf(JsonElement entry, string? token, bool hasKey) => Text(entry, "profile") switch
    {
        null or PeerProfileName.JwtEddsa when hasKey => PeerProfile.JwtEddsa,
        PeerProfileName.AbtarsReqV1 when hasKey => PeerProfile.AbtarsReqV1,
        PeerProfileName.JwtHs256 when !string.IsNullOrEmpty(token) => PeerProfile.JwtHs256,
        null => throw Wrong("verifyKey is missing; an older peer that has none needs \"profile\": \"jwt-hs256\" and a token"),
        PeerProfileName.JwtEddsa or PeerProfileName.AbtarsReqV1 => throw Wrong("verifyKey is missing"),
        PeerProfileName.JwtHs256 => throw Wrong("token is missing"),
        _ => throw Wrong("profile is jwt-eddsa, jwt-hs256 or abtars-req-v1"),
    };

    // Without a key no tag could be checked: an entry that demands it would pass any.
    private static bool IsTextSigned(JsonElement entry, PeerProfile profile, byte[] key) => Text(entry, "mode") switch
    {
        null => false,
        "signed" when key.Length > 0 => profile != PeerProfile.JwtEddsa,
        "signed" => throw Wrong("mode is signed, and verifyKey is missing"),
        _ => throw Wrong("mode is signed, or is left out"),
    };

    private static IReadOnlyList<string> AllowOf(JsonElement entry)
    {
        if (Find(entry, "allow") is not { } allow)
        {
            return PeerEntry.DefaultRights;
        }

        var isList = allow.ValueKind == JsonValueKind.Array && allow.EnumerateArray().All(right => right.ValueKind == JsonValueKind.String && PeerEntry.IsRight(right.GetString()!));
        return isList ? [.. allow.EnumerateArray().Select(right => right.GetString()!)] : throw Wrong("allow is a list of ask, ask:exec, ask:http, ask:openai, models, card, tools, tool:NAME");
    }

    private static PeerRate RateOf(JsonElement entry) => Find(entry, "rate") switch
    {
        null => new PeerRate(),
        { ValueKind: JsonValueKind.Number } => new PeerRate(Number(entry, "rate", 1, int.MaxValue, PeerRate.DefaultPerHour)),
        { ValueKind: JsonValueKind.String } rate when rate.GetString() == "abtars" => PeerRate.Abtars,
        { ValueKind: JsonValueKind.Object } rate => new PeerRate(
            Number(rate, "perHour", 1, int.MaxValue, PeerRate.DefaultPerHour),
            Find(rate, "perDay") is null ? null : Number(rate, "perDay", 1, int.MaxValue, 1),
            Number(rate, "atOnce", 1, int.MaxValue, PeerRate.DefaultAtOnce)),
        _ => throw Wrong("rate is a number an hour, \"abtars\", or {\"perHour\",\"perDay\",\"atOnce\"}"),
    };

    private static Dictionary<string, string> LabelsOf(JsonElement entry) => Find(entry, "labels") switch
    {
        null => [],
        { ValueKind: JsonValueKind.Object } labels when labels.EnumerateObject().All(label => label.Value.ValueKind == JsonValueKind.String) =>
            labels.EnumerateObject().ToDictionary(label => label.Name, label => label.Value.GetString()!, StringComparer.Ordinal),
        _ => throw Wrong("labels is an object of texts"),
    };

    /// <summary>A text, or what its reference stands for.</summary>
    private string? Secret(JsonElement members, string name)
    {
        var text = Text(members, name);
        if (text is null || !text.StartsWith("{{", StringComparison.Ordinal))
        {
            return text;
        }

        var inner = text.EndsWith("}}", StringComparison.Ordinal) && text.Length > 4 ? text[2..^2].Trim() : string.Empty;
        var value = inner.StartsWith(EnvironmentPrefix, StringComparison.Ordinal) ? environment(inner[EnvironmentPrefix.Length..])
            : inner.StartsWith(FilePrefix, StringComparison.Ordinal) ? file(inner[FilePrefix.Length..])?.Trim()
            : throw Wrong($"{name} has a reference that is neither {{{{env.NAME}}}} nor {{{{file.PATH}}}}");
        return string.IsNullOrEmpty(value) ? throw Wrong($"{name} refers to a variable or a file that is not there") : value;
    }

    private static string? Text(JsonElement members, string name) => Find(members, name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        _ => throw Wrong($"{name} is no text"),
    };

    private static int Number(JsonElement members, string name, int min, int max, int absent) => Find(members, name) switch
    {
        null => absent,
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt32(out var value) && value >= min && value <= max => value,
        _ => throw Wrong($"{name} is no number from {min} to {max}"),
    };

    private static JsonElement? Find(JsonElement members, string name) =>
        members.ValueKind == JsonValueKind.Object && members.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static T? Try<T>(string what, List<string> problems, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (ParleyException exception)
        {
            problems.Add($"{what}: {exception.Message}");
        }
        catch (InvalidOperationException)
        {
            problems.Add($"{what}: a text in it is no Unicode");
        }

        return default;
    }

    private static string Shown(string name) => PeerEntry.IsName(name) ? name : "?";

    private static ParleyException Wrong(string message) => new(ErrorCode.InvalidArgument, message);
}
