namespace Parley.Gateway.ProtoJson;

/// <summary>How the JSON of one message differs from plain ProtoJSON in some dialect.</summary>
internal sealed record ShapeRule
{
    /// <summary>The plain rules.</summary>
    public static ShapeRule Plain { get; } = new();

    /// <summary>JSON names by field name, where they are not the field's own.</summary>
    public IReadOnlyDictionary<string, string> Names { get; init; } = new Dictionary<string, string>();

    /// <summary>Fields that are written with their default value too.</summary>
    public IReadOnlyList<string> Always { get; init; } = [];

    /// <summary>A member that is always written and ignored when read, for example kind: task.</summary>
    public KeyValuePair<string, string>? Constant { get; init; }

    /// <summary>A member that says which field of the oneof is set; ignored when read, since the fields say it themselves.</summary>
    public string? CaseName { get; init; }

    /// <summary>True: the JSON of the message is that of its only field.</summary>
    public bool IsTransparent { get; init; }

    /// <summary>The JSON of the message is that of whichever field of its oneof is set; this member of it, a constant of each, tells them apart.</summary>
    public string? UnionBy { get; init; }

    /// <summary>Members whose own members are read as if they stood here: wrappers of earlier drafts.</summary>
    public IReadOnlyList<string> Wrappers { get; init; } = [];
}
