using System.Text.Json.Nodes;

namespace Parley.Hub.Connections.State;

/// <summary>JSON Merge Patch (RFC 7396) on objects: applying one, and finding the one that leads from one state to another. Pure.</summary>
/// <remarks>In a patch null removes a member, so a state has no members that are null; arrays are replaced whole, and keep theirs.</remarks>
internal static class MergePatch
{
    /// <summary>Applies a patch to an object, in place.</summary>
    public static void Apply(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            switch (value)
            {
                case null:
                    target.Remove(name);
                    break;
                case JsonObject inner:
                    if (target[name] is not JsonObject part)
                    {
                        target[name] = part = [];
                    }

                    Apply(part, inner);
                    break;
                default:
                    target[name] = value.DeepClone();
                    break;
            }
        }
    }

    /// <summary>The object as a state may be: without members that are null.</summary>
    public static JsonObject Clean(JsonObject value)
    {
        var cleaned = new JsonObject();
        Apply(cleaned, value);
        return cleaned;
    }

    /// <summary>The patch that makes the second of the first; empty when they are equal.</summary>
    public static JsonObject Between(JsonObject from, JsonObject to)
    {
        var patch = new JsonObject();
        foreach (var (name, _) in from)
        {
            if (!to.ContainsKey(name))
            {
                patch[name] = null;
            }
        }

        foreach (var (name, value) in to)
        {
            if (from[name] is JsonObject old && value is JsonObject present)
            {
                if (Between(old, present) is { Count: > 0 } inner)
                {
                    patch[name] = inner;
                }
            }
            else if (!JsonNode.DeepEquals(from[name], value))
            {
                patch[name] = value?.DeepClone();
            }
        }

        return patch;
    }
}
