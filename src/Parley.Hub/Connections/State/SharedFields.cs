using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Parley.Protocol.Errors;

namespace Parley.Hub.Connections.State;

/// <summary>Which part of a state a connection lets through: the fields that it names, and in them nothing that is called like a secret. Pure.</summary>
internal static partial class SharedFields
{
    private const int MaxCount = 100;
    private const int MaxLength = 256;

    private static readonly string[] _secretWords = ["password", "passwd", "passphrase", "secret", "secrets", "credential", "credentials", "token", "apikey"];
    private static readonly string[] _secretPairs = ["apikey", "privatekey", "accesskey", "signingkey"];

    /// <summary>Refuses fields that are none.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>.</exception>
    public static void Check(IReadOnlyList<string> fields)
    {
        if (fields.Count is 0 or > MaxCount || fields.Any(field => field is not { Length: > 0 and <= MaxLength } || field.Split('.').Any(name => name.Length == 0)))
        {
            throw new ParleyException(ErrorCode.InvalidArgument, $"fields are 1 to {MaxCount} names of members, with dots where one lies in another, at most {MaxLength} characters each.") { Field = "fields" };
        }

        if (fields.Any(field => field.Split('.').Any(IsSecretLike)))
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "A field that is called like a secret is not shared; parley secrets keeps secrets for connections.") { Field = "fields" };
        }
    }

    /// <summary>What of a state may leave.</summary>
    public static JsonObject Of(JsonObject state, IReadOnlyList<string> fields)
    {
        var shared = new JsonObject();
        foreach (var field in fields)
        {
            Copy(state, shared, field.Split('.'));
        }

        return shared;
    }

    /// <summary>Whether a change can concern these fields.</summary>
    /// <param name="fields">The fields of a connection.</param>
    /// <param name="data">The data of a <c>state.update</c>, whose <c>fields</c> are the members that changed.</param>
    public static bool AreTouched(IReadOnlyList<string> fields, JsonElement data) =>
        data.ValueKind != JsonValueKind.Object || !data.TryGetProperty("fields", out var changed) || changed.ValueKind != JsonValueKind.Array ||
        changed.EnumerateArray().Any(name => name.ValueKind == JsonValueKind.String && fields.Any(field => field.Split('.')[0] == name.GetString()));

    /// <summary>Whether a name is a secret's by one of its words: <c>password</c>, <c>apiKey</c>, <c>auth_token</c>; not <c>max_tokens</c>.</summary>
    public static bool IsSecretLike(string name)
    {
        var words = Words().Matches(name).Select(word => word.Value.ToLowerInvariant()).ToList();
        return words.Exists(word => _secretWords.Contains(word)) || words.Zip(words.Skip(1), (one, next) => one + next).Any(pair => _secretPairs.Contains(pair));
    }

    private static void Copy(JsonObject from, JsonObject to, ReadOnlySpan<string> path)
    {
        if (!from.TryGetPropertyValue(path[0], out var value))
        {
            return;
        }

        if (path.Length == 1)
        {
            to[path[0]] = WithoutSecrets(value);
        }
        else if (value is JsonObject inner)
        {
            if (to[path[0]] is not JsonObject part)
            {
                to[path[0]] = part = [];
            }

            Copy(inner, part, path[1..]);
        }
    }

    private static JsonNode? WithoutSecrets(JsonNode? value) => value switch
    {
        JsonObject members => new JsonObject(members.Where(member => !IsSecretLike(member.Key)).Select(member => KeyValuePair.Create(member.Key, WithoutSecrets(member.Value)))),
        JsonArray elements => new JsonArray([.. elements.Select(WithoutSecrets)]),
        _ => value?.DeepClone(),
    };

    [GeneratedRegex("[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+", RegexOptions.CultureInvariant)]
    private static partial Regex Words();
}
