using Google.Protobuf.Reflection;
using Parley.Gateway.Wire.V1;
using Parley.Testing;
using V03 = Parley.Gateway.Wire.V03;

namespace Parley.Tests.A2a;

/// <summary>Field numbers are facts of the specification: a golden file per version shows any change of one.</summary>
public sealed class WireTests
{
    [Fact]
    public void The_fields_of_1_0_are_those_of_the_golden_file() => Golden.Verify("a2a-v1-fields", Listing(A2AV1Reflection.Descriptor));

    [Fact]
    public void The_fields_of_0_3_are_those_of_the_golden_file() => Golden.Verify("a2a-v03-fields", Listing(V03.A2AV03Reflection.Descriptor));

    private static string Listing(FileDescriptor file) => string.Concat(file.MessageTypes.Select(type =>
        $"{type.FullName}: {string.Join(", ", type.Fields.InFieldNumberOrder().Select(field => $"{field.Name}={field.FieldNumber} {field.FieldType.ToString().ToLowerInvariant()}"))}\n"));
}
