using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Parley.Tests.Architecture;

/// <summary>Which module uses which, read from the built assemblies: a module is a project's folder, an arrow is a type named in a signature or a body.</summary>
/// <remarks>Deeper folders belong to the first one, and arrows between a project's root and its own folders say nothing: a face and its inside.</remarks>
internal static class ModuleGraph
{
    private static readonly string[] _assemblies =
        ["Parley.Protocol", "Parley.Gateway", "Parley.Crypto", "Parley.Sqlite", "Parley.WebRtc", "Parley.Hub", "Parley.Client", "parley"];

    /// <summary>Messages compiled from .proto files: everyone's vocabulary, and no module's choice.</summary>
    private static readonly string[] _wireNamespaces = ["Parley.Protocol.Wire", "Parley.Gateway.Wire"];

    private static readonly Lazy<SortedSet<string>> _built = new(() => Arrows(Read()));

    /// <summary>The arrows of the built assemblies, read once.</summary>
    public static IReadOnlySet<string> Built => _built.Value;

    /// <summary>The built assemblies of ours.</summary>
    public static IReadOnlyList<ModuleDefinition> Read() =>
        [.. _assemblies.Select(name => ModuleDefinition.ReadModule(Path.Combine(AppContext.BaseDirectory, name + ".dll")))];

    /// <summary>All arrows, as <c>From -> To</c>, sorted.</summary>
    public static SortedSet<string> Arrows(IEnumerable<ModuleDefinition> assemblies)
    {
        var arrows = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var type in assemblies.SelectMany(assembly => assembly.GetTypes()).Where(IsOurs))
        {
            var from = ModuleOf(NamespaceOf(type));
            var mentioned = Mentions(type).Select(NamespaceOf).Where(name => name.StartsWith("Parley", StringComparison.Ordinal) && !IsWire(name)).Select(ModuleOf);
            foreach (var to in mentioned.Where(to => to != from && ProjectOf(to) != from && ProjectOf(from) != to))
            {
                arrows.Add($"{from} -> {to}");
            }
        }

        return arrows;
    }

    /// <summary>Full names of all types that a module's own types mention, of ours and of others.</summary>
    public static SortedSet<string> MentionedBy(IEnumerable<ModuleDefinition> assemblies, string module) => new(
        assemblies.SelectMany(assembly => assembly.GetTypes()).Where(type => IsOurs(type) && ModuleOf(NamespaceOf(type)) == module).SelectMany(Mentions).Select(type => type.FullName),
        StringComparer.Ordinal);

    /// <summary>Types that a person wrote.</summary>
    public static bool IsOurs(TypeDefinition type) =>
        NamespaceOf(type).StartsWith("Parley", StringComparison.Ordinal) && !IsWire(NamespaceOf(type));

    /// <summary>The namespace of a type, of its outermost type where it is nested.</summary>
    public static string NamespaceOf(TypeReference type)
    {
        var outer = type.GetElementType();
        while (outer.DeclaringType is { } declaring)
        {
            outer = declaring;
        }

        return outer.Namespace;
    }

    // Parley.Hub.Transports.Grpc -> Parley.Hub.Transports; the program's own project is Parley, so its folders are one word shorter.
    private static string ModuleOf(string name)
    {
        var parts = name.Split('.');
        var depth = _assemblies.Contains(string.Join('.', parts.Take(2))) ? 3 : 2;
        return string.Join('.', parts.Take(depth));
    }

    private static string ProjectOf(string module)
    {
        var project = string.Join('.', module.Split('.').Take(2));
        return _assemblies.Contains(project) ? project : "Parley";
    }

    private static bool IsWire(string name) =>
        Array.Exists(_wireNamespaces, wire => name == wire || name.StartsWith(wire + ".", StringComparison.Ordinal));

    /// <summary>Every type that a type names.</summary>
    public static IEnumerable<TypeReference> Mentions(TypeDefinition type)
    {
        var direct = new List<TypeReference?> { type.BaseType };
        direct.AddRange(type.Interfaces.Select(implemented => implemented.InterfaceType));
        direct.AddRange(type.Fields.Select(field => field.FieldType));
        foreach (var method in type.Methods)
        {
            direct.Add(method.ReturnType);
            direct.AddRange(method.Parameters.Select(parameter => parameter.ParameterType));
            if (method.HasBody)
            {
                direct.AddRange(method.Body.Variables.Select(variable => variable.VariableType));
                direct.AddRange(method.Body.ExceptionHandlers.Select(handler => handler.CatchType));
                direct.AddRange(method.Body.Instructions.SelectMany(Operands));
            }
        }

        return direct.OfType<TypeReference>().SelectMany(Unfold);
    }

    private static IEnumerable<TypeReference?> Operands(Instruction instruction) => instruction.Operand switch
    {
        TypeReference type => [type],
        FieldReference field => [field.DeclaringType, field.FieldType],
        GenericInstanceMethod generic => [generic.DeclaringType, generic.ReturnType, .. generic.GenericArguments],
        MethodReference method => [method.DeclaringType, method.ReturnType, .. method.Parameters.Select(parameter => parameter.ParameterType)],
        _ => [],
    };

    private static IEnumerable<TypeReference> Unfold(TypeReference type) => type switch
    {
        GenericParameter => [],
        GenericInstanceType generic => generic.GenericArguments.SelectMany(Unfold).Prepend(generic.ElementType),
        FunctionPointerType function => function.Parameters.Select(parameter => parameter.ParameterType).Append(function.ReturnType).SelectMany(Unfold),
        TypeSpecification wrapped => Unfold(wrapped.ElementType),
        _ => [type],
    };
}
