using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using Parley.Protocol.Management;

namespace Parley.Hub.Transports.Http.OpenApi;

/// <summary>Schemas of the types that operations take and give, made from what writes and reads their JSON; each object type once.</summary>
/// <remarks>
/// What has no value is left out, never null, so a member that may be null is one that need not be there. Numbers are read from text as well; that is a kindness to queries and stays out of the schemas.
/// </remarks>
internal sealed class ApiSchemas
{
    private readonly JsonSchemaExporterOptions _exporting;

    /// <summary>No schemas yet.</summary>
    public ApiSchemas() => _exporting = new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Transform };

    /// <summary>The schemas so far, by name.</summary>
    public JsonObject All { get; } = [];

    /// <summary>A reference to a type's schema, which is made when it is new.</summary>
    public JsonNode Refer(JsonTypeInfo type) => type.GetJsonSchemaAsNode(_exporting);

    /// <summary>The members of an object type that stand in <see cref="All"/>.</summary>
    public JsonObject MembersOf(JsonTypeInfo type)
    {
        Refer(type);
        return All[NameOf(type.Type)]!.AsObject();
    }

    /// <summary>The name of a type's schema: <c>AgentViewPage</c> for a page of those.</summary>
    public static string NameOf(Type type)
    {
        if (!type.IsGenericType)
        {
            return type.Name;
        }

        var name = type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)];
        return string.Concat(type.GetGenericArguments().Select(NameOf)) + name;
    }

    private JsonObject Transform(JsonSchemaExporterContext context, JsonNode schema)
    {
        if (schema is not JsonObject node)
        {
            // true: any JSON.
            return new JsonObject();
        }

        // Generators take a member with a default for one that is always there.
        node.Remove("default");
        WithoutNull(node);
        if (context.TypeInfo.Kind != JsonTypeInfoKind.Object)
        {
            return node;
        }

        // That of any JSON comes only now.
        foreach (var (_, member) in node["properties"]?.AsObject() ?? [])
        {
            (member as JsonObject)?.Remove("default");
        }

        var optional = context.TypeInfo.Properties.Where(IsOptional).Select(property => property.Name).ToHashSet();
        if (node["required"] is JsonArray required)
        {
            var kept = required.Select(name => name!.GetValue<string>()).Where(name => !optional.Contains(name)).ToArray();
            node.Remove("required");
            if (kept.Length > 0)
            {
                node["required"] = new JsonArray([.. kept.Select(name => (JsonNode)name)]);
            }
        }

        var named = NameOf(context.TypeInfo.Type);
        node.TryAdd("type", "object");
        All[named] = node.DeepClone();
        return new JsonObject { ["$ref"] = $"#/components/schemas/{named}" };
    }

    // One thing is always there; its type says so no more than any other generic one does.
    private static bool IsOptional(JsonPropertyInfo property) =>
        Nullable.GetUnderlyingType(property.PropertyType) is not null
        || (property.IsGetNullable && !(property.DeclaringType.IsGenericType && property.DeclaringType.GetGenericTypeDefinition() == typeof(Item<>)));

    private static void WithoutNull(JsonObject node)
    {
        if (node["type"] is not JsonArray types)
        {
            return;
        }

        var kept = types.Select(type => type!.GetValue<string>()).Where(type => type != "null").ToList();
        if (kept.Contains("integer") || kept.Contains("number"))
        {
            kept.Remove("string");
            node.Remove("pattern");
        }

        node["type"] = kept.Count == 1 ? kept[0] : new JsonArray([.. kept.Select(type => (JsonNode)type)]);
    }
}
